package io.nightjar.spark.input;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ValuesType;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.io.ParquetDecodingException;

/** The pages of a column in one row group, one after another. Not thread-safe. */
final class ColumnPages {
  private final ColumnDescriptor column;
  private final NumberType type;
  private final RunDecoder repetitions = new RunDecoder();
  private final RunDecoder definitions = new RunDecoder();
  private PageReader pages;
  private byte[] dictionary;
  private PageValues values;
  private int left;

  ColumnPages(ColumnDescriptor column, NumberType type) {
    this.column = column;
    this.type = type;
  }

  /** Begins with the pages of the next row group, which the caller closes. */
  void start(PageReader group) {
    pages = group;
    left = 0;
    DictionaryPage page = group.readDictionaryPage();
    try {
      dictionary = page == null ? null : PageBytes.of(page.getBytes()).copy();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the dictionary of " + column, e);
    }
  }

  /** Levels left of this page, or of the next one if there are none; 0 behind the last page. */
  int left() {
    while (left == 0) {
      DataPage page = pages.readPage();
      if (page == null) {
        return 0;
      }
      try {
        open(page);
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read a page of " + column, e);
      }
    }
    return left;
  }

  /** Says that {@code count} of the page's levels are read. */
  void take(int count) {
    left -= count;
  }

  /** Where rows begin, of this page. */
  RunDecoder repetitions() {
    return repetitions;
  }

  /** What is there, of this page. */
  RunDecoder definitions() {
    return definitions;
  }

  /** What it is, of this page. */
  PageValues values() {
    return values;
  }

  private void open(DataPage page) throws IOException {
    left = page.getValueCount();
    if (page instanceof DataPageV1 v1) {
      PageBytes bytes = PageBytes.of(v1.getBytes());
      bytes = levels(v1.getRlEncoding(), column.getMaxRepetitionLevel(), repetitions, bytes);
      bytes = levels(v1.getDlEncoding(), column.getMaxDefinitionLevel(), definitions, bytes);
      values = values(v1.getValueEncoding(), bytes);
    } else {
      DataPageV2 v2 = (DataPageV2) page;
      PageBytes starts = PageBytes.of(v2.getRepetitionLevels());
      repetitions.start(starts, BytesUtils.getWidthFromMaxInt(column.getMaxRepetitionLevel()));
      PageBytes there = PageBytes.of(v2.getDefinitionLevels());
      definitions.start(there, BytesUtils.getWidthFromMaxInt(column.getMaxDefinitionLevel()));
      values = values(v2.getDataEncoding(), PageBytes.of(v2.getData()));
    }
  }

  /** Begins with the levels of a page of the first kind; what lies behind them is left. */
  private static PageBytes levels(
      Encoding encoding, int highest, RunDecoder decoder, PageBytes bytes) {
    if (highest == 0) {
      return bytes;
    }
    if (encoding != Encoding.RLE) {
      throw new ParquetDecodingException("Cannot read levels written as " + encoding);
    }
    PageBytes levels = bytes.sized();
    decoder.start(levels, BytesUtils.getWidthFromMaxInt(highest));
    return bytes.behind(levels);
  }

  private PageValues values(Encoding encoding, PageBytes bytes) throws IOException {
    if (encoding == Encoding.PLAIN) {
      return new PageValues.Plain(type, bytes);
    } else if (encoding.usesDictionary()) {
      if (dictionary == null) {
        throw new ParquetDecodingException("Cannot find the dictionary of " + column);
      }
      return new PageValues.InDictionary(type, dictionary, bytes);
    }
    return new PageValues.Others(
        type, encoding.getValuesReader(column, ValuesType.VALUES), left, bytes);
  }
}
