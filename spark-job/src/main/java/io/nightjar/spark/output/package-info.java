/** How scores are written: pages of whole columns where they are numbers. */
package io.nightjar.spark.output;
