/** The driving table of a run in parts: which there are, which lack, and how to read some. */
package io.nightjar.spark.units;
