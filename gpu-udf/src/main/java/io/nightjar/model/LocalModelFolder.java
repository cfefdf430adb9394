package io.nightjar.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

record LocalModelFolder(Path folder) implements ModelFolder {

  @Override
  public String location() {
    return folder.toString();
  }

  @Override
  public boolean exists(String file) {
    return Files.isRegularFile(folder.resolve(file));
  }

  @Override
  public long size(String file) throws IOException {
    return Files.size(folder.resolve(file));
  }

  @Override
  public long modified(String file) throws IOException {
    return Files.getLastModifiedTime(folder.resolve(file)).toMillis();
  }

  @Override
  public InputStream open(String file) throws IOException {
    return Files.newInputStream(folder.resolve(file));
  }
}
