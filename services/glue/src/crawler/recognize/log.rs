//! Logs: lines that fit a pattern of Grok, the caller's or one of those that are known.
//!
//! <https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html#classifier-built-in>

use std::sync::LazyLock;

use welkin_sql::{GrokPattern, Type, hive_type};

use super::Recognized;
use super::text::Text;
use crate::crawler::schema::Field;
use crate::crawler::shape::{Compression, Layout, Shape};

/// Lines that are looked at.
const LINES: usize = 200;

/// A log that is known: its classification, its pattern, and patterns of its own.
struct Known {
    classification: &'static str,
    pattern: &'static str,
    custom: &'static str,
}

// UNVERIFIED: the patterns beyond those of Apache, which the documentation does not show; Microsoft's logs, of which it
// says nothing else, are not recognised.
const KNOWN: [Known; 7] = [
    Known { classification: "combined_apache", pattern: "%{COMBINEDAPACHELOG}", custom: "" },
    Known { classification: "apache", pattern: "%{COMMONAPACHELOG}", custom: "" },
    Known {
        classification: "linux_kernel",
        pattern: r"%{SYSLOGTIMESTAMP:timestamp} %{SYSLOGHOST:logsource} %{SYSLOGPROG}: %{GREEDYDATA:message}",
        custom: "",
    },
    Known {
        classification: "ruby_logger",
        pattern: r"[DFEWI], \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:pid}\] *%{RUBYLEVEL:loglevel} -- +%{DATA:progname}: %{GREEDYDATA:message}",
        custom: "RUBYLEVEL (?:DEBUG|FATAL|ERROR|WARN|INFO)",
    },
    Known {
        classification: "squid",
        pattern: r"%{NUMBER:timestamp}\s+%{NUMBER:duration}\s%{IP:client_address}\s%{WORD:cache_result}/%{POSINT:status_code}\s%{NUMBER:bytes}\s%{WORD:request_method}\s%{NOTSPACE:url}\s%{NOTSPACE:user}\s%{WORD:hierarchy_code}/%{NOTSPACE:server}\s%{NOTSPACE:content_type}",
        custom: "",
    },
    Known {
        classification: "redismonlog",
        pattern: r#"%{NUMBER:timestamp} \[%{INT:database} %{IP:client}:%{NUMBER:port}\] "%{WORD:command}"\s?%{GREEDYDATA:params}"#,
        custom: "",
    },
    Known {
        classification: "redislog",
        pattern: r"\[%{POSINT:pid}\] %{REDISTIME:timestamp} \* %{GREEDYDATA:message}",
        custom: r"REDISTIME %{MONTHDAY} %{MONTH} %{TIME}",
    },
];

/// A log of a program that is known: all lines are.
pub(super) fn built_in(text: &Text, compression: Compression) -> Option<Recognized> {
    static PATTERNS: LazyLock<Vec<(&Known, GrokPattern)>> = LazyLock::new(|| {
        let one = |known: &'static Known| Some((known, GrokPattern::new(known.pattern, known.custom).ok()?));
        KNOWN.iter().filter_map(one).collect()
    });
    let (known, pattern) = PATTERNS.iter().find(|(_, pattern)| share(text, pattern) >= 1.0)?;
    let custom = (!known.custom.is_empty()).then(|| known.custom.to_owned());
    let layout = Layout::Grok { pattern: known.pattern.to_owned(), custom };
    Some(recognized(text, compression, known.classification, pattern, layout))
}

/// Lines of which a caller's pattern fits so many as the certainty says.
pub(super) fn by_pattern(
    text: &Text,
    compression: Compression,
    classification: &str,
    pattern: &str,
    custom: Option<&str>,
) -> Option<Recognized> {
    let read = GrokPattern::new(pattern, custom.unwrap_or_default()).ok()?;
    let layout = Layout::Grok { pattern: pattern.to_owned(), custom: custom.map(str::to_owned) };
    let mut found = recognized(text, compression, classification, &read, layout);
    found.certainty = share(text, &read);
    Some(found)
}

/// Which share of the lines fits.
fn share(text: &Text, pattern: &GrokPattern) -> f64 {
    let (mut all, mut fitting) = (0u32, 0u32);
    for line in text.lines().take(LINES) {
        all += 1;
        fitting += u32::from(pattern.begins(line));
        // The rest does not matter if nothing of the beginning is.
        if all == 20 && fitting == 0 {
            return 0.0;
        }
    }
    if all == 0 { 0.0 } else { f64::from(fitting) / f64::from(all) }
}

fn recognized(
    text: &Text,
    compression: Compression,
    classification: &str,
    pattern: &GrokPattern,
    layout: Layout,
) -> Recognized {
    let field = |field: &welkin_sql::GrokField| -> Field {
        // "byte, boolean, double, short, int, long, float":
        // https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-grok
        let ty = match field.ty.as_deref() {
            Some("byte") => "tinyint",
            Some("short") => "smallint",
            Some("long") => "bigint",
            Some(ty @ ("boolean" | "double" | "int" | "float")) => ty,
            _ => "string",
        };
        (field.name.clone(), hive_type(ty).unwrap_or(Type::VARCHAR))
    };
    let columns = pattern.fields().iter().map(field).collect();
    let shape = Shape { classification: classification.to_owned(), compression, layout, columns };
    let (mut records, mut bytes) = (0, 0);
    for line in text.lines() {
        (records, bytes) = (records + 1, bytes + line.len() as u64 + 1);
    }
    Recognized { shape, records, bytes, certainty: 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[&str]) -> Text {
        Text::of(lines.join("\n").into_bytes(), false).expect("a text")
    }

    #[test]
    fn logs_of_known_programs_are_recognised() {
        assert!(KNOWN.iter().all(|known| GrokPattern::new(known.pattern, known.custom).is_ok()));
        for (line, classification, column) in [
            (
                r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326 "http://x/" "Mozilla/4.08""#,
                "combined_apache",
                "agent",
            ),
            (r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326"#, "apache", "verb"),
            ("Oct 11 22:14:15 host kernel: [12.3] something happened", "linux_kernel", "message"),
            ("I, [1999-03-03T02:34:24.895701 #19074]  INFO -- Main: info.", "ruby_logger", "progname"),
            (
                "1066036250.603 310 192.0.2.1 TCP_MISS/200 1421 GET http://a.b/c - DIRECT/192.0.2.2 text/html",
                "squid",
                "url",
            ),
            (r#"1339518083.107412 [0 127.0.0.1:60866] "keys" "*""#, "redismonlog", "command"),
            ("[4018] 14 Nov 07:01:22.119 * Background saving terminated with success", "redislog", "pid"),
        ] {
            let found = built_in(&text(&[line, line]), Compression::None).expect(line).shape;
            assert_eq!(found.classification, classification);
            assert!(found.columns.iter().any(|(name, _)| name == column), "{:?}", found.columns);
        }
        assert_eq!(built_in(&text(&["a,b", "1,2"]), Compression::None), None);
    }

    #[test]
    fn a_pattern_is_as_certain_as_lines_fit() {
        let by = |lines: &[&str]| {
            by_pattern(&text(lines), Compression::None, "mine", "%{WORD:w} %{INT:n:int}", None).expect("a pattern")
        };
        let found = by(&["a 1", "b 2"]);
        assert_eq!((found.certainty, found.records), (1.0, 2));
        assert_eq!(found.shape.columns, [("w".to_owned(), Type::VARCHAR), ("n".to_owned(), Type::Integer)]);
        assert_eq!(by(&["a 1", "b"]).certainty, 0.5);
        assert_eq!(by(&["-"]).certainty, 0.0);
    }
}
