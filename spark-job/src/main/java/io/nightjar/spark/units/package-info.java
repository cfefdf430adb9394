/** The driving table of a run in parts, each read, scored and written at once. */
package io.nightjar.spark.units;
