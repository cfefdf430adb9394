package io.nightjar.spark.publish;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** Files below a folder, for tests. */
record Tree(FileSystem fs, Path base) {

  void write(String file, String text) throws IOException {
    try (var out = fs.create(new Path(base, file))) {
      out.writeBytes(text);
    }
  }

  String read(String file) throws IOException {
    try (var in = fs.open(new Path(base, file))) {
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  /** Every file, relative to the base, sorted. */
  List<String> files() throws IOException {
    List<String> files = new ArrayList<>();
    RemoteIterator<LocatedFileStatus> all = fs.listFiles(base, true);
    int prefix = base.toUri().getPath().length() + 1;
    while (all.hasNext()) {
      files.add(all.next().getPath().toUri().getPath().substring(prefix));
    }
    files.sort(null);
    return files;
  }

  /** Every file that no run works on. */
  List<String> filesOutsideWorkshops() throws IOException {
    return files().stream().filter(file -> !file.startsWith(".nightjar/")).toList();
  }
}
