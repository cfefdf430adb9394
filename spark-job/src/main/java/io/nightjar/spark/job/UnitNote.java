package io.nightjar.spark.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nightjar.spark.executor.FilePart;
import io.nightjar.spark.statistics.ScoringStatistics;
import java.util.Collection;
import java.util.List;

/**
 * What is noted of a unit beside its files.
 *
 * @param content what the files of the model that scored it held, as executors agreed; blank where
 *     it has no row that a model was opened for
 * @param statistics what its tasks counted
 * @param parts what it has read of the driving table
 */
record UnitNote(String content, ScoringStatistics statistics, List<FilePart> parts) {
  private static final ObjectMapper JSON = new ObjectMapper();

  UnitNote {
    parts = List.copyOf(parts);
  }

  /**
   * What is noted of a run.
   *
   * @param notes of its units, those of an earlier attempt among them
   * @throws JobException if they were not scored by one and the same model
   */
  static UnitNote ofRun(Collection<String> notes) {
    List<UnitNote> units = notes.stream().map(UnitNote::parse).toList();
    List<String> contents =
        units.stream().map(UnitNote::content).filter(text -> !text.isEmpty()).distinct().toList();
    if (contents.size() > 1) {
      throw new JobException(
          ExitCode.MODEL,
          "Cannot publish: units of an earlier attempt were scored by other model files, with"
              + " content "
              + String.join(" and ", contents)
              + "; --fresh scores all of them again");
    }
    return new UnitNote(
        String.join("", contents),
        units.stream()
            .map(UnitNote::statistics)
            .reduce(ScoringStatistics.EMPTY, ScoringStatistics::merge),
        units.stream().flatMap(unit -> unit.parts().stream()).toList());
  }

  String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot note what was written: " + e, e);
    }
  }

  /** What {@link #toJson} wrote. */
  static UnitNote parse(String json) {
    try {
      return JSON.readValue(json, UnitNote.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "Cannot read what is noted of a unit: " + e.getOriginalMessage(), e);
    }
  }
}
