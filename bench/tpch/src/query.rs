//! The 22 queries (clause 2.4), with the values of the qualification run, as users of Athena write them.

/// The texts of the queries, the first at 0.
pub const QUERIES: [&str; 22] = [
    include_str!("query/q01.sql"),
    include_str!("query/q02.sql"),
    include_str!("query/q03.sql"),
    include_str!("query/q04.sql"),
    include_str!("query/q05.sql"),
    include_str!("query/q06.sql"),
    include_str!("query/q07.sql"),
    include_str!("query/q08.sql"),
    include_str!("query/q09.sql"),
    include_str!("query/q10.sql"),
    include_str!("query/q11.sql"),
    include_str!("query/q12.sql"),
    include_str!("query/q13.sql"),
    include_str!("query/q14.sql"),
    include_str!("query/q15.sql"),
    include_str!("query/q16.sql"),
    include_str!("query/q17.sql"),
    include_str!("query/q18.sql"),
    include_str!("query/q19.sql"),
    include_str!("query/q20.sql"),
    include_str!("query/q21.sql"),
    include_str!("query/q22.sql"),
];
