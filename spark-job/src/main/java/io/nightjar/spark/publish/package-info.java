/**
 * Publishing: one writer a run date, and scores that readers see whole or not at all. A state
 * machine over folders of a Hadoop file system, which knows nothing of Spark SQL.
 */
package io.nightjar.spark.publish;
