/** What to score and how: plain values of the user's program, kept on the driver. */
package io.nightjar.spark.spec;
