//! Apache Parquet, for tools that read columns.

use std::io;
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType};
use parquet::data_type::{ByteArray, DataType, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type as Schema, TypePtr};

use super::columns::{COLUMNS, Cell, Column, Type};
use super::orders::Happened;
use super::{Out, Sink};

/// Rows kept before they are written: a group of columns.
const GROUP: usize = 64 * 1024;
/// Bytes of a decimal: every price and quantity has 20 digits at most.
const DECIMAL: usize = 9;
const PRECISION: i32 = 20;
const SCALE: i32 = 8;

pub struct Parquet {
    writer: SerializedFileWriter<Out>,
    rows: Vec<Happened>,
}

impl Parquet {
    pub fn new(out: Out) -> io::Result<Parquet> {
        let columns = COLUMNS.iter().map(|column| schema(column).map(Arc::new));
        let columns = columns.collect::<Result<Vec<TypePtr>>>().map_err(failed)?;
        let schema = Schema::group_type_builder("orders").with_fields(columns).build();
        let schema = Arc::new(schema.map_err(failed)?);
        let properties = Arc::new(WriterProperties::builder().build());
        let writer = SerializedFileWriter::new(out, schema, properties).map_err(failed)?;
        Ok(Parquet { writer, rows: Vec::new() })
    }

    fn write_group(&mut self) -> Result<()> {
        let mut group = self.writer.next_row_group()?;
        let mut columns = COLUMNS.iter();
        while let Some(mut writer) = group.next_column()?
            && let Some(column) = columns.next()
        {
            write_column(&mut writer, column, &self.rows)?;
            writer.close()?;
        }
        group.close()?;
        self.rows.clear();
        Ok(())
    }
}

impl Sink for Parquet {
    fn put(&mut self, happened: &Happened) -> io::Result<()> {
        self.rows.push(*happened);
        if self.rows.len() == GROUP { self.write_group().map_err(failed) } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        if !self.rows.is_empty() {
            self.write_group().map_err(failed)?;
        }
        self.writer.close().map(drop).map_err(failed)
    }
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::other(error),
    }
}

fn schema(column: &Column) -> Result<Schema> {
    let (physical, logical) = match column.kind {
        Type::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Type::Number => (Physical::INT64, Some(LogicalType::integer(64, false))),
        Type::Decimal => {
            (Physical::FIXED_LEN_BYTE_ARRAY, Some(LogicalType::decimal(SCALE, PRECISION)))
        }
        Type::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::NANOS))),
        Type::Flag => (Physical::BOOLEAN, None),
    };
    let mut builder = Schema::primitive_type_builder(column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    if column.kind == Type::Decimal {
        builder = builder.with_length(DECIMAL as i32).with_precision(PRECISION).with_scale(SCALE);
    }
    builder.build()
}

fn write_column(
    writer: &mut SerializedColumnWriter<'_>,
    column: &Column,
    rows: &[Happened],
) -> Result<()> {
    let cells: Vec<Cell> = rows.iter().map(column.cell).collect();
    match column.kind {
        Type::Text => write::<ByteArrayType>(writer, cells, |cell| match cell {
            Cell::Text(text) => Some(ByteArray::from(text.into_bytes())),
            _ => None,
        }),
        Type::Number | Type::Time => write::<Int64Type>(writer, cells, |cell| match cell {
            Cell::Number(number) | Cell::Time(number) => Some(number.cast_signed()),
            _ => None,
        }),
        Type::Decimal => write::<FixedLenByteArrayType>(writer, cells, |cell| match cell {
            Cell::Decimal(value) => {
                let bytes = value.to_be_bytes();
                let last = bytes[bytes.len() - DECIMAL..].to_vec();
                Some(FixedLenByteArray::from(ByteArray::from(last)))
            }
            _ => None,
        }),
        Type::Flag => write::<BoolType>(writer, cells, |cell| match cell {
            Cell::Flag(flag) => Some(flag),
            _ => None,
        }),
    }
}

/// Writes the cells that are there, and which those are.
fn write<T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    cells: Vec<Cell>,
    value: impl Fn(Cell) -> Option<T::T>,
) -> Result<()> {
    let values: Vec<Option<T::T>> = cells.into_iter().map(value).collect();
    let is_there: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<T::T> = values.into_iter().flatten().collect();
    writer.typed::<T>().write_batch(&values, Some(&is_there), None).map(drop)
}
