package io.nightjar.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** Read-only view of a model directory, wherever it lies. File names are relative and plain. */
public interface ModelFolder {

  /** Where it is, for messages. */
  String location();

  /** Whether {@code file} is there. */
  boolean exists(String file) throws IOException;

  /** Size of {@code file} in bytes. */
  long size(String file) throws IOException;

  /** When {@code file} was last written, in milliseconds since the epoch. */
  long modified(String file) throws IOException;

  /** Opens {@code file} from its start; the caller closes it. */
  InputStream open(String file) throws IOException;

  /** A folder of this host's file system. */
  static ModelFolder local(Path folder) {
    return new LocalModelFolder(folder);
  }
}
