//! An event as it is written down: numbers, and where its texts are.

use std::{num::NonZero, panic::Location, time::Instant};

use serde::Serialize;

use super::clock::Micros;
use crate::place::Kind;

/// An event of a scope or a task. It fills a cache line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) at: Instant,
    /// 0 where it is of none.
    pub(super) scope: u64,
    pub(super) what: Happened,
}

/// What is written down of an event.
#[derive(Clone, Copy, Debug)]
pub(super) enum Happened {
    Opened {
        what: What,
        method: Text,
        path: Text,
    },
    /// Behind `Opened`: a header that is to be shown.
    Header {
        name: Text,
        value: Text,
    },
    Head {
        status: u16,
    },
    Finished {
        end: &'static str,
        status: Option<u16>,
        bytes: u64,
    },
    Scheduled {
        task: u64,
        parent: Option<NonZero<u64>>,
        name: Text,
        kind: Option<Kind>,
        place: Place,
    },
    Started {
        task: u64,
        deadline: Option<Instant>,
    },
    Ended {
        task: u64,
        result: TaskResult,
        started: bool,
        queue_wait: Micros,
        run_time: Micros,
    },
    /// Behind `Ended`, where it has failed.
    Failed {
        task: u64,
        name: Text,
        place: Place,
    },
    /// A task was not scheduled.
    Refused {
        name: Text,
        place: Place,
    },
    /// Behind `Failed` and `Refused`: what its error says, and then what those say that caused it. A
    /// task that was refused has no number.
    Why {
        task: u64,
        line: Text,
    },
    /// So many tasks more than are written down.
    MoreTasks {
        count: usize,
    },
    Revalidated {
        pages: Text,
        place: Place,
    },
    DrainBegan,
    DrainEnded {
        completed: u64,
        failed: u64,
        abandoned: usize,
    },
    /// The scope is one of the inspector's own.
    Hidden,
}

pub(super) type Place = &'static Location<'static>;

/// What a scope was opened for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum What {
    Request,
    Render,
    Work,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TaskResult {
    Completed,
    Skipped,
    Failed,
    Panicked,
    #[serde(rename = "timed out")]
    TimedOut,
    Abandoned,
}

/// Where the text of a record stands in its [`Pages`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    start: u32,
    len: u32,
}

/// Records, and their texts.
#[derive(Debug, Default)]
pub(super) struct Pages {
    pub(super) records: Vec<Record>,
    texts: String,
}

impl Text {
    pub(super) const EMPTY: Self = Self { start: 0, len: 0 };
}

impl Pages {
    pub(super) fn with_capacity(records: usize) -> Self {
        Self { records: Vec::with_capacity(records), texts: String::new() }
    }

    pub(super) fn write(&mut self, text: &str) -> Text {
        let len = |len| u32::try_from(len).unwrap_or(u32::MAX);
        let start = len(self.texts.len());
        self.texts.push_str(text);
        Text { start, len: len(text.len()) }
    }

    pub(super) fn read(&self, text: Text) -> &str {
        let start = text.start as usize;
        // Beyond 4 GiB, which no limit of memory should allow, there is nothing to be read.
        self.texts.get(start..start + text.len as usize).unwrap_or_default()
    }

    /// Adds a record of other pages, with its texts.
    pub(super) fn copy(&mut self, mut record: Record, from: &Self) {
        for text in record.what.texts().into_iter().flatten() {
            *text = self.write(from.read(*text));
        }
        self.records.push(record);
    }

    /// Adds the records of other pages, which are cleared.
    pub(super) fn append(&mut self, other: &mut Self) {
        for record in &other.records {
            self.copy(*record, other);
        }
        other.clear();
    }

    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.texts.clear();
    }

    /// Returns how much memory they take.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.records) + self.texts.len()
    }
}

impl Record {
    /// Returns the task that it is of.
    pub(super) fn task(&self) -> Option<u64> {
        match self.what {
            Happened::Scheduled { task, .. }
            | Happened::Started { task, .. }
            | Happened::Ended { task, .. }
            | Happened::Failed { task, .. }
            | Happened::Why { task, .. } => Some(task),
            _ => None,
        }
    }

    /// Returns how much memory it takes.
    pub(super) fn bytes(mut self) -> usize {
        let texts = self.what.texts().into_iter().flatten();
        size_of::<Self>() + texts.map(|text| text.len as usize).sum::<usize>()
    }
}

impl Happened {
    /// Returns its texts.
    fn texts(&mut self) -> [Option<&mut Text>; 2] {
        match self {
            Self::Opened { method: first, path: second, .. }
            | Self::Header { name: first, value: second } => [Some(first), Some(second)],
            Self::Scheduled { name: text, .. }
            | Self::Failed { name: text, .. }
            | Self::Refused { name: text, .. }
            | Self::Why { line: text, .. }
            | Self::Revalidated { pages: text, .. } => [Some(text), None],
            Self::Head { .. }
            | Self::Finished { .. }
            | Self::Started { .. }
            | Self::Ended { .. }
            | Self::MoreTasks { .. }
            | Self::DrainBegan
            | Self::DrainEnded { .. }
            | Self::Hidden => [None, None],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Record;

    #[test]
    fn a_record_fills_a_cache_line() {
        assert_eq!(size_of::<Record>(), 64);
    }
}
