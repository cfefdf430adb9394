package io.nightjar.spark.job;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/** Where a task of another process waits until the test lets it pass; called from Spark SQL. */
public final class Gate {
  private Gate() {}

  /** Tells the test at {@code port} the process id, and waits for its answer, which is 0. */
  public static int pass(int port) throws IOException {
    try (Socket test = new Socket(InetAddress.getLoopbackAddress(), port);
        DataOutputStream out = new DataOutputStream(test.getOutputStream());
        DataInputStream in = new DataInputStream(test.getInputStream())) {
      out.writeLong(ProcessHandle.current().pid());
      return in.readInt();
    }
  }
}
