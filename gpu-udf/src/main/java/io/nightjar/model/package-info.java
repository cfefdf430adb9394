/** The model directory: what {@code model.json} says and where each weight lies. */
package io.nightjar.model;
