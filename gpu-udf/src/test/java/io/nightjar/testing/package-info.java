/** What the tests of every backend share. */
package io.nightjar.testing;
