//! What one object's database may take.

/// Bounds of one database. Those that developers see are Cloudflare's (docs/developers.md).
#[derive(Debug, Clone)]
pub struct DbLimits {
    /// Of the whole database.
    pub database_bytes_max: u64,
    /// Of a row, a text or a blob in SQL.
    pub row_bytes_max: u32,
    /// Of a table, an index or a result.
    pub columns_max: u32,
    /// Of one call's SQL text.
    pub sql_bytes_max: u32,
    /// Bound to one statement.
    pub parameters_max: u32,
    /// Of the pattern of `LIKE` or `GLOB`.
    pub like_pattern_bytes_max: u32,
    /// Of a key of the key-value store.
    pub key_bytes_max: usize,
    /// Of a key and its value together.
    pub pair_bytes_max: usize,
    /// What SQLite allocates for this database: page cache, sorting, the turn's undo journal, statements.
    pub heap_bytes_max: usize,
    /// Of that, the page cache.
    pub cache_bytes: u32,
    /// Of that, statements kept for their next use.
    pub statement_bytes_max: usize,
    /// Pages that one turn changes.
    pub turn_bytes_max: u64,
    /// Pages that are committed and not in the file yet: beyond it no turn begins before a checkpoint.
    pub unsaved_bytes_max: u64,
    /// Cursors with rows left; the one unused for longest makes room.
    pub cursors_max: usize,
    /// Steps of SQLite's machine between two questions whether to stop. Most take about 10 ns, one that makes a text or a blob some milliseconds.
    pub steps_between_checks: u32,
}

impl Default for DbLimits {
    fn default() -> Self {
        const MIB: usize = 1 << 20;
        Self {
            database_bytes_max: 10 << 30,
            row_bytes_max: 2 << 20,
            columns_max: 100,
            sql_bytes_max: 100_000,
            parameters_max: 100,
            like_pattern_bytes_max: 50,
            key_bytes_max: 2048,
            pair_bytes_max: 2 * MIB,
            heap_bytes_max: 64 * MIB,
            cache_bytes: 512 << 10,
            statement_bytes_max: 256 << 10,
            turn_bytes_max: 32 << 20,
            unsaved_bytes_max: 64 << 20,
            cursors_max: 128,
            steps_between_checks: 250,
        }
    }
}
