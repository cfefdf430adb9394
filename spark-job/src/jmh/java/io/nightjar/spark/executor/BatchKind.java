package io.nightjar.spark.executor;

/** How the columns of a set lie in the reader's batches. */
public enum BatchKind {
  /** One id a bag: counts with a dictionary, ids without, which is what Parquet makes of them. */
  FLAT,
  /** The same, but that counts have no dictionary and ids have one. */
  FLAT_OTHER_WAY,
  /** Arrays of one to five ids. */
  MULTI_HOT
}

