package io.nightjar.spark.executor;

import java.io.Serializable;

/**
 * A file that an attempt of a task wrote and committed.
 *
 * @param path where it lies, in a folder of the attempt's own
 * @param place where it is meant to be
 */
public record WrittenFile(String path, String place) implements Serializable {}
