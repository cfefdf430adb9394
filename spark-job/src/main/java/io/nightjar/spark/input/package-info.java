/** How features are read: pages of whole columns where they are numbers. */
package io.nightjar.spark.input;
