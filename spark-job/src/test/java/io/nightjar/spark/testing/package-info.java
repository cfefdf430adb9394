/** What the tests of several packages share. */
package io.nightjar.spark.testing;
