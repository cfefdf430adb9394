/**
 * What tasks count while they score, as records that can be merged and written as JSON. Nothing
 * here knows Spark.
 */
package io.nightjar.spark.statistics;
