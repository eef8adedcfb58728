//! Open files, few of them: the one used longest ago is closed when another is needed.
//!
//! A file without a name keeps its place: closed, it could not be opened again. There are
//! never more than the limit, so when all of them are nameless, the oldest goes all the same.

use std::collections::HashMap;

use crate::source::follow::disk::OpenFile;

/// Open files by the number of their generation.
pub(super) struct Handles {
    limit: usize,
    uses: u64,
    open: HashMap<usize, Handle>,
}

struct Handle {
    file: Box<dyn OpenFile>,
    used: u64,
    is_nameless: bool,
}

impl Handles {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), uses: 0, open: HashMap::new() }
    }

    /// Takes the open file of a generation out, to be [given back](Self::keep).
    pub(super) fn take(&mut self, number: usize) -> Option<Box<dyn OpenFile>> {
        self.open.remove(&number).map(|handle| handle.file)
    }

    pub(super) fn has(&self, number: usize) -> bool {
        self.open.contains_key(&number)
    }

    /// Keeps a file open as long as there is room.
    pub(super) fn keep(&mut self, number: usize, file: Box<dyn OpenFile>, is_nameless: bool) {
        while self.open.len() >= self.limit {
            let oldest =
                self.open.iter().min_by_key(|(_, handle)| (handle.is_nameless, handle.used));
            let Some((oldest, _)) = oldest else { break };
            let oldest = *oldest;
            self.open.remove(&oldest);
        }
        self.uses += 1;
        self.open.insert(number, Handle { file, used: self.uses, is_nameless });
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::source::follow::disk::Facts;

    struct Nothing;

    impl OpenFile for Nothing {
        fn facts(&self) -> io::Result<Facts> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn read_at(&self, _: &mut [u8], _: u64) -> io::Result<usize> {
            Ok(0)
        }
    }

    #[test]
    fn the_one_used_longest_ago_is_closed_but_nameless_files_stay() {
        let mut handles = Handles::new(3);
        for number in 0..3 {
            handles.keep(number, Box::new(Nothing), number == 0);
        }
        let file = handles.take(1).expect("it is open");
        handles.keep(1, file, false);
        handles.keep(3, Box::new(Nothing), false);
        let open: Vec<usize> = (0..4).filter(|number| handles.has(*number)).collect();
        assert_eq!(open, [0, 1, 3]);
    }

    #[test]
    fn there_are_never_more_than_the_limit() {
        let mut handles = Handles::new(2);
        for number in 0..100 {
            handles.keep(number, Box::new(Nothing), true);
        }
        assert_eq!((0..100).filter(|number| handles.has(*number)).count(), 2);
    }
}
