package io.nightjar.spark.units;

import io.nightjar.spark.executor.FilePart;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileStatus;

/** What parts of files are together, and what they lack. */
public final class FileParts {
  private FileParts() {}

  /** The whole of each of {@code files}. */
  public static List<FilePart> whole(Collection<FileStatus> files) {
    return files.stream()
        .map(file -> new FilePart(file.getPath().toString(), 0, file.getLen()))
        .toList();
  }

  /** How many bytes all of them are. */
  public static long bytes(Collection<FilePart> parts) {
    return parts.stream().mapToLong(FilePart::bytes).sum();
  }

  /** What {@code read} lacks of {@code wanted}, in the order of that. */
  public static List<FilePart> lacking(Collection<FilePart> wanted, Collection<FilePart> read) {
    Map<String, List<FilePart>> byPath =
        read.stream().collect(Collectors.groupingBy(FilePart::path));
    List<FilePart> lacking = new ArrayList<>();
    for (FilePart part : wanted) {
      long from = part.from();
      for (FilePart done : sorted(byPath.getOrDefault(part.path(), List.of()))) {
        if (done.from() >= part.to()) {
          break;
        }
        if (done.from() > from) {
          lacking.add(new FilePart(part.path(), from, done.from()));
        }
        from = Math.max(from, done.to());
      }
      if (from < part.to()) {
        lacking.add(new FilePart(part.path(), from, part.to()));
      }
    }
    return lacking;
  }

  /** The same bytes in as few parts as possible, sorted. */
  public static List<FilePart> joined(Collection<FilePart> parts) {
    List<FilePart> joined = new ArrayList<>();
    for (FilePart part : sorted(parts)) {
      FilePart last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last != null && last.path().equals(part.path()) && last.to() == part.from()) {
        joined.set(joined.size() - 1, new FilePart(part.path(), last.from(), part.to()));
      } else {
        joined.add(part);
      }
    }
    return joined;
  }

  private static List<FilePart> sorted(Collection<FilePart> parts) {
    return parts.stream()
        .sorted(Comparator.comparing(FilePart::path).thenComparing(FilePart::from))
        .toList();
  }
}
