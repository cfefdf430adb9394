/** A run's manifest as a page for people: one HTML file that needs nothing else. */
package io.nightjar.spark.report;
