//! Reading TOML with the position of everything: typed access to tables and values, where each
//! complaint says where it is, what is wrong and what to do.

use std::fmt;
use std::ops::RangeInclusive;

use toml::de::{DeTable, DeValue};

use super::{ELEMENTS, KEYS};
use crate::decimal;
use crate::error::Error;
use crate::order::UNIT;

/// Longest piece of the text that a message repeats, in characters.
const QUOTE_MAX: usize = 40;

/// Why a configuration is refused, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong; what to do. Holds no secret.
    pub message: String,
}

impl ConfigError {
    /// An error at this byte of the text.
    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |newline| newline + 1);
        // Every character has one byte that does not continue another (UTF-8, RFC 3629).
        let starts_character = |b: &&u8| **b & 0xC0 != 0x80;
        Self {
            line: line(text, offset),
            column: before[line_start..].iter().filter(starts_character).count() + 1,
            message: message.into(),
        }
    }
}

/// The line of this byte of the text, from 1.
fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&b| b == b'\n').count() + 1
}

/// Why the text is no TOML.
pub(super) fn not_toml(text: &str, error: &toml::de::Error) -> ConfigError {
    let span = error.span().unwrap_or_default();
    let (before, found) = (text.get(..span.start), text.get(span.clone()).unwrap_or_default());
    let first = match before {
        Some(before) if error.message() == "duplicate key" => {
            last_place(DeTable::parse_recoverable(before).0.get_ref(), found)
        }
        _ => None,
    };
    let message = match first {
        Some(first) => format!("the same key as on line {}; write it once", line(text, first)),
        None if found.ends_with('%') => "not a number; leave the % out".to_owned(),
        None => format!("{}; correct the TOML", error.message()),
    };
    ConfigError::at(text, span.start, message)
}

/// Where the key stands for the last time, in this table or one within it.
fn last_place(table: &DeTable<'_>, key: &str) -> Option<usize> {
    let within = |value: &DeValue<'_>| match value {
        DeValue::Table(table) => last_place(table, key),
        DeValue::Array(elements) => {
            let tables = elements.iter().filter_map(|element| element.get_ref().as_table());
            tables.filter_map(|table| last_place(table, key)).max()
        }
        _ => None,
    };
    let place = |(name, value): (&toml::Spanned<_>, &toml::Spanned<_>)| {
        let here = (*name.get_ref() == key).then(|| name.span().start);
        here.max(within(value.get_ref()))
    };
    table.iter().filter_map(place).max()
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ConfigError {}

impl From<ConfigError> for Error {
    fn from(_: ConfigError) -> Self {
        Error::Config
    }
}

pub(super) type Result<T> = std::result::Result<T, ConfigError>;

/// A table of which every key is known; one that is not in the text is as good as an empty one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    name: &'static str,
    entries: Option<&'a DeTable<'a>>,
    text: &'a str,
    offset: usize,
}

impl<'a> Table<'a> {
    /// The whole text as a table: its name is empty, its keys are the tables of [`KEYS`].
    pub(super) fn root(text: &'a str, entries: &'a DeTable<'a>) -> Result<Self> {
        Self { name: "", entries: Some(entries), text, offset: 0 }.known()
    }

    /// Refuses the first unknown key of the text.
    fn known(self) -> Result<Self> {
        let known = keys(self.name);
        let keys = self.entries.into_iter().flat_map(DeTable::keys);
        let unknown = keys.filter(|key| !known.contains(&&**key.get_ref()));
        let Some(key) = unknown.min_by_key(|key| key.span().start) else {
            return Ok(self);
        };
        let advice = advice(key.get_ref(), &known);
        let message = format!("unknown key {}; {advice}", quote(key.get_ref()));
        Err(ConfigError::at(self.text, key.span().start, message))
    }

    pub(super) fn get(&self, key: &'static str) -> Option<Value<'a>> {
        let value = self.entries?.get(key)?;
        let offset = value.span().start;
        Some(Value { key, value: value.get_ref(), text: self.text, offset })
    }

    pub(super) fn require(&self, key: &'static str) -> Result<Value<'a>> {
        self.get(key).ok_or_else(|| match self.name {
            "" => self.error(format!("no table `{key}`; write [{key}]")),
            name => self.error(format!("no key `{key}` in `{name}`; add `{key} = …`")),
        })
    }

    /// What `read` makes of the key's value; `default` if the key is not there.
    pub(super) fn get_or<T>(
        &self,
        key: &'static str,
        default: T,
        read: impl FnOnce(Value<'a>) -> Result<T>,
    ) -> Result<T> {
        self.get(key).map_or(Ok(default), read)
    }

    /// The table of this name.
    pub(super) fn table(&self, name: &'static str) -> Result<Table<'a>> {
        let absent = Table { name, entries: None, text: self.text, offset: 0 };
        self.get_or(name, absent, |value| value.table())
    }

    /// The array of tables of this name; empty if it is not there.
    pub(super) fn tables(&self, name: &'static str, max: usize) -> Result<Vec<Table<'a>>> {
        let Some(value) = self.get(name) else {
            return Ok(Vec::new());
        };
        let DeValue::Array(elements) = value.value else {
            return Err(value.mismatch(&format!("one or more [[{name}]]")));
        };
        if elements.len() > max {
            return Err(value.error(format!("more than {max} {name}; remove some")));
        }
        value.elements(elements).map(|element| element.table()).collect()
    }

    /// An error about the table as a whole.
    pub(super) fn error(&self, message: impl Into<String>) -> ConfigError {
        ConfigError::at(self.text, self.offset, message)
    }
}

/// The value of a key, or an element of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    key: &'static str,
    value: &'a DeValue<'a>,
    text: &'a str,
    offset: usize,
}

impl<'a> Value<'a> {
    pub(super) fn table(&self) -> Result<Table<'a>> {
        let DeValue::Table(entries) = self.value else {
            return Err(self.mismatch("a table"));
        };
        let entries = Some(entries);
        Table { name: self.key, entries, text: self.text, offset: self.offset }.known()
    }

    pub(super) fn string(&self) -> Result<&'a str> {
        self.value.as_str().ok_or_else(|| self.mismatch("a string in quotes"))
    }

    pub(super) fn boolean(&self) -> Result<bool> {
        self.value.as_bool().ok_or_else(|| self.mismatch("true or false"))
    }

    /// An integer of this range.
    pub(super) fn integer(&self, range: RangeInclusive<u64>) -> Result<u64> {
        let DeValue::Integer(integer) = self.value else {
            return Err(self.mismatch("an integer without quotes"));
        };
        u64::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                let (from, to) = range.into_inner();
                self.error(format!("`{}` is out of range; write {from} to {to}", self.key))
            })
    }

    /// [`integer`](Self::integer) for ranges within a u32.
    pub(super) fn small_integer(&self, range: RangeInclusive<u32>) -> Result<u32> {
        let number = self.integer(u64::from(*range.start())..=u64::from(*range.end()))?;
        Ok(number as u32)
    }

    /// A decimal from `step` to `max` that is a multiple of `step`, all with exponent -8: a string
    /// or an integer.
    pub(super) fn decimal(&self, step: u64, max: u64) -> Result<u64> {
        self.decimal_or(step, max, "")
    }

    /// [`decimal`](Self::decimal), or `None` for "unlimited".
    pub(super) fn limit(&self, step: u64, max: u64) -> Result<Option<u64>> {
        match self.value.as_str() {
            Some(text) if is_slip(text, "unlimited") => self.choice(&[("unlimited", None)]),
            _ => self.decimal_or(step, max, ", or \"unlimited\"").map(Some),
        }
    }

    fn decimal_or(&self, step: u64, max: u64, otherwise: &str) -> Result<u64> {
        let number = match self.value {
            DeValue::String(text) => decimal::parse_unsigned(text),
            DeValue::Integer(integer) => u64::from_str_radix(integer.as_str(), integer.radix())
                .ok()
                .and_then(|whole| whole.checked_mul(UNIT)),
            _ => {
                let wanted = format!("a decimal as a string, like \"0.01\"{otherwise}");
                return Err(self.mismatch(&wanted));
            }
        };
        if self.value.as_str().is_some_and(|text| text.contains('%')) {
            return Err(self.error(format!("`{}` is not a decimal; leave the % out", self.key)));
        }
        let fits = |number: &u64| (step..=max).contains(number) && number.is_multiple_of(step);
        number.filter(fits).ok_or_else(|| {
            let (step, max) = (decimal::format_unsigned(step), decimal::format_unsigned(max));
            let wanted = format!("write {step} to {max} in steps of {step}{otherwise}");
            self.error(format!("`{}` is not a decimal in range; {wanted}", self.key))
        })
    }

    /// The value that the string names.
    pub(super) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T> {
        let chosen = self.string()?;
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == chosen) {
            return Ok(*value);
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let advice = advice(chosen, &names);
        Err(self.error(format!("`{}` cannot be {}; {advice}", self.key, quote(chosen))))
    }

    /// The elements of an array that is not empty.
    pub(super) fn list(&self, max: usize) -> Result<Vec<Value<'a>>> {
        let DeValue::Array(elements) = self.value else {
            return Err(self.mismatch("an array, [\"…\"]"));
        };
        match elements.len() {
            0 => Err(self.error(format!("`{0}` is empty; fill it or leave `{0}` out", self.key))),
            n if n > max => {
                Err(self.error(format!("`{}` has more than {max} elements; remove some", self.key)))
            }
            _ => Ok(self.elements(elements).collect()),
        }
    }

    fn elements(
        &self,
        elements: &'a [toml::Spanned<DeValue<'a>>],
    ) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let Value { key, text, .. } = *self;
        elements.iter().map(move |element| {
            let offset = element.span().start;
            Value { key, value: element.get_ref(), text, offset }
        })
    }

    /// The line it is on, from 1.
    pub(super) fn line(&self) -> usize {
        line(self.text, self.offset)
    }

    pub(super) fn error(&self, message: impl Into<String>) -> ConfigError {
        ConfigError::at(self.text, self.offset, message)
    }

    fn mismatch(&self, wanted: &str) -> ConfigError {
        let found = self.value.type_str();
        let article = if found.starts_with(['a', 'i']) { "an" } else { "a" };
        self.error(format!("`{}` is {article} {found}; write {wanted}", self.key))
    }
}

/// The keys that the table may have.
fn keys(table: &str) -> Vec<&'static str> {
    match KEYS.iter().chain(ELEMENTS).find(|(name, _)| *name == table) {
        Some((_, keys)) => keys.to_vec(),
        None => KEYS.iter().map(|(name, _)| *name).collect(),
    }
}

/// The one name that was probably meant, or all there are.
fn advice(found: &str, names: &[&str]) -> String {
    match names.iter().filter(|name| is_slip(found, name)).min_by_key(|name| distance(found, name))
    {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("write one of `{}`", names.join("`, `")),
    }
}

/// A third of the letters wrong is still a slip; more is another word.
fn is_slip(found: &str, name: &str) -> bool {
    found.len() <= QUOTE_MAX && distance(found, name) <= name.len().div_ceil(3)
}

/// The least number of letters to insert, delete or change that makes `b` of `a` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// Text of the user's in a message: short and printable.
pub(super) fn quote(text: &str) -> String {
    let cut = if text.chars().nth(QUOTE_MAX).is_some() { "…" } else { "" };
    let text: String = text.chars().take(QUOTE_MAX).flat_map(char::escape_debug).collect();
    format!("`{text}{cut}`")
}
