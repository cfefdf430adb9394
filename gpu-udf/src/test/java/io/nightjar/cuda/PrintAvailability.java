package io.nightjar.cuda;

/** Prints why device 0 cannot be used, or that it can. */
final class PrintAvailability {
  static final String AVAILABLE = "available";

  private PrintAvailability() {}

  public static void main(String[] args) {
    System.out.print(CudaDevice.whyUnavailable(0).orElse(AVAILABLE));
  }
}
