/** The demo: a data set as a company would have it, and a model to match. */
package io.nightjar.spark.demo;
