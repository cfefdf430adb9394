package io.nightjar.spark.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.spark.report.Plot.Tick;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestFigures {
  @Test
  void durations() {
    assertThat(Figures.duration(0.04)).isEqualTo("0.0 s");
    assertThat(Figures.duration(9.94)).isEqualTo("9.9 s");
    assertThat(Figures.duration(9.96)).isEqualTo("10 s");
    assertThat(Figures.duration(59.6)).isEqualTo("1 min 0 s");
    assertThat(Figures.duration(3725)).isEqualTo("1 h 2 min");
  }

  @Test
  void clocks() {
    assertThat(Figures.clock(0)).isEqualTo("0:00");
    assertThat(Figures.clock(754)).isEqualTo("12:34");
    assertThat(Figures.clock(7205)).isEqualTo("2:00:05");
  }

  @Test
  void percents() {
    assertThat(Figures.percent(0)).isEqualTo("0.0 %");
    assertThat(Figures.percent(0.00001)).isEqualTo("< 0.01 %");
    assertThat(Figures.percent(0.0042)).isEqualTo("0.42 %");
    assertThat(Figures.percent(0.123)).isEqualTo("12.3 %");
  }

  @Test
  void scores() {
    assertThat(Figures.score(0)).isEqualTo("0");
    assertThat(Figures.score(0.073154)).isEqualTo("0.07315");
    assertThat(Figures.score(0.5)).isEqualTo("0.5");
    assertThat(Figures.score(0.00000125)).isEqualTo("1.25e-06");
  }

  @Test
  void brief() {
    assertThat(Figures.brief(950)).isEqualTo("950");
    assertThat(Figures.brief(12_500)).isEqualTo("12.5 k");
    assertThat(Figures.brief(3_000_000)).isEqualTo("3 M");
    assertThat(Figures.brief(99.9)).isEqualTo("99.9");
  }

  @Test
  void ticksOfAnAxis() {
    assertThat(labels(Plot.round(62_500, Figures::brief)))
        .containsExactly("0", "20 k", "40 k", "60 k", "80 k");
    assertThat(labels(Plot.round(0, Figures::brief))).hasSizeBetween(1, 6);
    assertThat(labels(Plot.times(100))).containsExactly("0:00", "0:30", "1:00", "1:30");
    assertThat(labels(Plot.times(36_000)))
        .containsExactly("0:00", "2:00:00", "4:00:00", "6:00:00", "8:00:00", "10:00:00");
  }

  @Test
  void aTemplateHasAPlaceForEachValue() {
    assertThat(Html.of("<b>{}</b>{}", "a<b", new Html("<i/>")).markup())
        .isEqualTo("<b>a&lt;b</b><i/>");
    assertThat(Html.of("{}", "{}").markup()).isEqualTo("{}");
    assertThatThrownBy(() -> Html.of("{}", 1, 2)).hasMessage("Too many values for {}");
    assertThatThrownBy(() -> Html.of("{}{}", 1)).hasMessage("Too few values for {}{}");
  }

  private static List<String> labels(List<Tick> ticks) {
    return ticks.stream().map(Tick::label).toList();
  }
}
