//! Labelled tab-separated values: `time:…<tab>host:…<tab>status:200`.

use crate::decode::json::{Members, Scalar};

/// Fewer labels could be words with a colon.
const LABELS_LEAST: usize = 3;
/// Values beyond this are not split off: one line must not fill the index.
const LABELS_MAX: usize = 512;

/// Reads a line of labels and values; none when it is not one.
pub(in crate::decode) fn read(text: &str) -> Option<Members<'_>> {
    let mut members = Members::new();
    for part in text.split('\t').take(LABELS_MAX) {
        let (label, value) = part.split_once(':')?;
        let is_label = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        if label.is_empty() || !label.bytes().all(is_label) {
            return None;
        }
        members.push((label.into(), Scalar::Resolved(value.into())));
    }
    (members.len() >= LABELS_LEAST).then_some(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_needs_a_label() {
        assert_eq!(read("time:1\thost:a:b\tstatus:200").map(|members| members.len()), Some(3));
        assert_eq!(read("time:1\thost"), None);
        assert_eq!(read("time:1\thost:a"), None);
        assert_eq!(read("a b:1\tc:2\td:3"), None);
    }
}
