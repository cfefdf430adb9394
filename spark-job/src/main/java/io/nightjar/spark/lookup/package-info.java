/** Tables that executors hold in memory by columns, to look rows up in. */
package io.nightjar.spark.lookup;
