package io.nightjar.spark.job;

import io.nightjar.spark.executor.CommittedTask;
import io.nightjar.spark.executor.FilePart;
import io.nightjar.spark.executor.ScoringDriver;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.publish.StagedUnits;
import io.nightjar.spark.statistics.ScoringStatistics;
import io.nightjar.spark.units.FileParts;
import io.nightjar.spark.units.Unit;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The units of a run, those that an earlier attempt left and those that this one stages: numbers
 * them, stages them with the job's notes, and knows when each was staged. Writes that are under way
 * side by side share it.
 */
final class UnitLedger {
  private static final Logger LOG = LoggerFactory.getLogger(UnitLedger.class);

  private final StagedUnits staged;
  private final String edition;
  private final List<Manifest.Unit> kept;
  private final List<FilePart> read;
  private final Queue<Manifest.Unit> added = new ConcurrentLinkedQueue<>();
  private final AtomicInteger numbers;

  private UnitLedger(
      StagedUnits staged, String edition, List<Manifest.Unit> kept, List<FilePart> read) {
    this.staged = staged;
    this.edition = edition;
    this.kept = kept;
    this.read = read;
    this.numbers = new AtomicInteger(kept.size());
  }

  /**
   * Verifies what an earlier attempt has staged, and begins with that.
   *
   * @param edition of the model that scores
   */
  static UnitLedger open(StagedUnits staged, String edition) throws IOException {
    List<Manifest.Unit> kept = new ArrayList<>();
    List<FilePart> read = new ArrayList<>();
    Instant found = Instant.now();
    for (String name : staged.keep()) {
      UnitNote note = UnitNote.parse(staged.notes().get(name));
      kept.add(new Manifest.Unit(name, note.statistics().rowsIn(), found, found, true));
      read.addAll(note.parts());
    }
    if (!kept.isEmpty()) {
      LOG.info("Keeping {} units of an earlier attempt", kept.size());
    }
    return new UnitLedger(staged, edition, kept, read);
  }

  /** What of the driving table the units of an earlier attempt have read. */
  List<FilePart> read() {
    return List.copyOf(read);
  }

  /**
   * Stages the files of {@code tasks} as the next unit.
   *
   * @param parts what the unit is of the driving table
   * @param began when its write did, or the unit before it was staged
   */
  Manifest.Unit stage(Collection<CommittedTask> tasks, Collection<FilePart> parts, Instant began)
      throws IOException {
    List<StagedUnits.StagedFile> files =
        tasks.stream()
            .flatMap(task -> task.files().stream())
            .map(file -> new StagedUnits.StagedFile(new Path(file.path()), new Path(file.place())))
            .toList();
    ScoringStatistics statistics =
        tasks.stream()
            .map(CommittedTask::statistics)
            .reduce(ScoringStatistics.EMPTY, ScoringStatistics::merge);
    String content = ScoringDriver.current().flatMap(driver -> driver.content(edition)).orElse("");
    Unit unit = new Unit(numbers.getAndIncrement(), FileParts.joined(parts));
    staged.commit(unit.name(), files, new UnitNote(content, statistics, unit.parts()).toJson());
    Manifest.Unit done =
        new Manifest.Unit(unit.name(), statistics.rowsIn(), began, Instant.now(), false);
    added.add(done);
    return done;
  }

  /** Every unit: first those that this attempt has staged, then those that were kept. */
  List<Manifest.Unit> units() {
    List<Manifest.Unit> units = new ArrayList<>(added);
    units.addAll(kept);
    return List.copyOf(units);
  }
}
