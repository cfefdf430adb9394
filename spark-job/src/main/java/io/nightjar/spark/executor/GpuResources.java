package io.nightjar.spark.executor;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.resource.ResourceInformation;

/** What Spark knows of GPUs: whether executors are given one each, and which one this one got. */
public final class GpuResources {
  /** The device in local mode, where Spark gives out none; 0 if it is not there. */
  public static final String DEVICE_KEY = "spark.nightjar.device";

  private static final String NAME = "gpu";
  static final String OF_EXECUTORS = "spark.executor.resource.gpu.amount";
  private static final String OF_TASKS = "spark.task.resource.gpu.amount";

  private GpuResources() {}

  /** Whether driver and executor are one process, to which Spark gives no resources. */
  static boolean isLocal(SparkConf conf) {
    String master = conf.get("spark.master", "");
    return master.equals("local") || master.startsWith("local[");
  }

  /**
   * Refuses what would never run.
   *
   * @throws IllegalArgumentException if tasks are to wait for GPUs that local mode does not have
   */
  public static void check(SparkConf conf) {
    if (isLocal(conf) && conf.contains(OF_TASKS)) {
      throw new IllegalArgumentException(
          "Invalid "
              + OF_TASKS
              + ": "
              + conf.get(OF_TASKS)
              + ", expected nothing with spark.master = "
              + conf.get("spark.master")
              + ": local mode has no GPU resources, and its tasks would wait for them forever");
    }
  }

  /**
   * Whether each executor of a cluster is given a GPU.
   *
   * @throws IllegalArgumentException if it is given more than one
   */
  static boolean executorsHaveOne(SparkConf conf) {
    String amount = conf.get(OF_EXECUTORS, "0");
    return switch (amount) {
      case "0" -> false;
      case "1" -> true;
      default ->
          throw new IllegalArgumentException(
              "Invalid "
                  + OF_EXECUTORS
                  + ": "
                  + amount
                  + ", expected 1: an executor scores on one GPU, so let as many executors run on a"
                  + " host as it has GPUs");
    };
  }

  /**
   * The ordinal of this executor's device: in local mode what {@link #DEVICE_KEY} says, else the
   * address that Spark gave, which is that of the discovery script, and 0 where it gave none.
   *
   * @throws IllegalArgumentException if that is no ordinal, or not one
   */
  static int device(SparkConf conf, Map<String, ResourceInformation> given) {
    if (isLocal(conf)) {
      return ordinal(DEVICE_KEY, conf.get(DEVICE_KEY, "0"));
    }
    ResourceInformation gpus = given.get(NAME);
    if (gpus == null) {
      return 0;
    }
    String addresses = String.join(",", gpus.addresses());
    return ordinal("address of this executor's GPU", addresses);
  }

  private static int ordinal(String what, String text) {
    try {
      int ordinal = Integer.parseInt(text);
      if (ordinal >= 0) {
        return ordinal;
      }
    } catch (NumberFormatException e) {
      // Said below, with the value.
    }
    throw new IllegalArgumentException(
        "Invalid " + what + ": " + text + ", expected the number of one device, from 0");
  }
}
