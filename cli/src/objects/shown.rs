//! Objects and tables of text, as people read them.

use skerry_edge::object_store::Known;

/// Text of a terminal has no say in it: control characters are shown as such.
pub(super) fn plain(text: &str) -> String {
    text.chars().flat_map(|char| if char.is_control() { char.escape_default().collect::<Vec<_>>() } else { vec![char] }).collect()
}

pub(super) fn called(known: &Known) -> String {
    match &known.object.name {
        Some(name) => format!("{} ({})", plain(name), known.object.id),
        None => known.object.id.to_string(),
    }
}

pub(super) fn bytes(count: u64) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..10_000_000 => format!("{} KB", count.div_ceil(1_000)),
        _ => format!("{} MB", count.div_ceil(1_000_000)),
    }
}

/// Columns under their heads, as wide as what stands in them.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([heads[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..heads.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded: Vec<_> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let lines = rows.iter().map(|row| line(row.iter().map(String::as_str).collect()));
    [line(heads.to_vec())].into_iter().chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_stand_in_columns() {
        let rows =
            vec![vec!["1".to_owned(), "één".to_owned(), "x".to_owned()], vec!["100".to_owned(), String::new(), String::new()]];
        assert_eq!(table(&["id", "name", "z"], &rows), ["id   name  z", "1    één   x", "100"]);
        assert_eq!(plain("a\u{1b}[31m\nb"), "a\\u{1b}[31m\\nb");
        assert_eq!([bytes(9_999), bytes(10_001), bytes(12_000_000)], ["9999 B", "11 KB", "12 MB"]);
    }
}
