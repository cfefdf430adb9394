/**
 * Models with inputs and the scores that PyTorch gives in float64, for the tests of every module.
 */
package io.nightjar.golden;
