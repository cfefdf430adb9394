/** The nightly job: its command line, its config, what it reads, and how it publishes. */
package io.nightjar.spark.job;
