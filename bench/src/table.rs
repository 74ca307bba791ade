//! The table of results, in Markdown.

use crate::load::Slice;
use crate::scenario::Scenario;

/// The middle of some numbers.
pub(crate) fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().filter(|number| number.is_finite()).collect();
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match (numbers.len() % 2, numbers.get(middle)) {
        (1, Some(number)) => *number,
        (_, Some(number)) => (number + numbers.get(middle.wrapping_sub(1)).unwrap_or(number)) / 2.0,
        (_, None) => f64::NAN,
    }
}

pub(crate) fn head() -> String {
    let names = [
        "operation",
        "connections",
        "answers/s: bare",
        "Welkin",
        "moto",
        "p50 ms: bare",
        "Welkin",
        "moto",
        "p99 ms: bare",
        "Welkin",
        "moto",
        "server CPU µs/answer: bare",
        "Welkin",
        "moto",
        "p50 Welkin ÷ bare",
        "CPU Welkin ÷ bare",
        "answers/s Welkin ÷ moto",
    ];
    let rule = format!("|---|{}", "---:|".repeat(names.len() - 1));
    format!("| {} |\n{rule}", names.join(" | "))
}

/// One line: medians over the rounds; ratios are medians of the rounds' own ratios.
///
/// A turn that had nothing to work on, such as messages to delete, counts nowhere.
pub(crate) fn row(scenario: Scenario, connections: usize, servers: &[Vec<Slice>]) -> String {
    let of = |figure: fn(&Slice) -> f64, digits: usize| {
        (0..3).map(move |server| {
            let slices = servers.get(server);
            slices.map_or("–".to_owned(), |slices| number(median(worked(slices).map(figure)), digits))
        })
    };
    let mut cells = vec![scenario.name().to_owned(), connections.to_string()];
    cells.extend(of(Slice::rate, 0));
    cells.extend(of(|slice| slice.percentile(0.5) / 1e3, 3));
    cells.extend(of(|slice| slice.percentile(0.99) / 1e3, 3));
    cells.extend(of(Slice::cpu_micros, 0));
    cells.push(ratio(servers, 1, 0, |slice| slice.percentile(0.5)));
    cells.push(ratio(servers, 1, 0, Slice::cpu_micros));
    cells.push(ratio(servers, 1, 2, Slice::rate));
    format!("| {} |", cells.join(" | "))
}

fn worked(slices: &[Slice]) -> impl Iterator<Item = &Slice> {
    slices.iter().filter(|slice| !slice.latencies.is_empty())
}

fn ratio(servers: &[Vec<Slice>], over: usize, under: usize, figure: fn(&Slice) -> f64) -> String {
    let (Some(over), Some(under)) = (servers.get(over), servers.get(under)) else { return "–".to_owned() };
    let both = over.iter().zip(under).filter(|(over, under)| !over.latencies.is_empty() && !under.latencies.is_empty());
    number(median(both.map(|(over, under)| figure(over) / figure(under))), 1)
}

fn number(number: f64, digits: usize) -> String {
    if number.is_finite() { format!("{number:.digits$}") } else { "–".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median([f64::NAN, 1.0]), 1.0);
        assert!(median([]).is_nan());
    }
}
