package io.nightjar.spark.executor;

import io.nightjar.scorer.Hardware;
import java.io.Serializable;

/** What an executor tells the driver of a model that it has opened; the last word counts. */
record ModelHardware(Where where, Hardware hardware) implements Serializable {

  /** An executor and its model. */
  record Where(String executor, ModelReference model) implements Serializable {}
}
