//! Which state values mean, and what of them that are missing.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>.

use super::State;

/// How values that are missing are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    AsItIs,
    Ignore,
    Breaching,
    NotBreaching,
}

impl Missing {
    /// As alarms are told.
    pub(crate) fn parse(text: Option<&str>) -> Option<Self> {
        Some(match text {
            None | Some("missing") => Self::AsItIs,
            Some("ignore") => Self::Ignore,
            Some("breaching") => Self::Breaching,
            Some("notBreaching") => Self::NotBreaching,
            Some(_) => return None,
        })
    }
}

/// Periods that are looked at beyond those that are evaluated.
///
/// UNVERIFIED: AWS does not tell how many; its examples look at five for three.
pub(crate) const BEYOND: usize = 2;

/// The state that values mean; `None` for the present one. They are told from the newest one on, as far as one looks
/// back: whether each is beyond the threshold, or is missing. `needed` of `periods` must be.
pub(crate) fn state(values: &[Option<bool>], periods: usize, needed: usize, missing: Missing) -> Option<State> {
    let real: Vec<bool> = values.iter().flatten().copied().take(periods).collect();
    let beyond = real.iter().filter(|beyond| **beyond).count();
    let alarm_if = |is: bool| Some(if is { State::Alarm } else { State::Ok });
    let filled = periods.saturating_sub(real.len());
    if filled == 0 || beyond >= needed {
        return alarm_if(beyond >= needed);
    }
    let within = real.len() - beyond;
    match missing {
        Missing::Breaching => alarm_if(beyond + filled >= needed),
        Missing::NotBreaching => Some(State::Ok),
        _ if within > 0 => Some(State::Ok),
        Missing::AsItIs if real.is_empty() => Some(State::InsufficientData),
        // Nothing but values beyond the threshold: the oldest of them must be old enough.
        Missing::AsItIs => {
            let oldest = values.iter().take(periods).rposition(|value| *value == Some(true));
            oldest.filter(|oldest| oldest + 1 >= needed).map(|_| State::Alarm)
        }
        Missing::Ignore => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values as AWS writes them, the oldest first, and the states for missing, ignore, breaching, notBreaching.
    fn check(text: &str, needed: usize, wanted: [Option<State>; 4]) {
        let mut values: Vec<Option<bool>> = text
            .split(' ')
            .map(|it| match it {
                "X" => Some(true),
                "0" => Some(false),
                _ => None,
            })
            .collect();
        values.reverse();
        let ways = [Missing::AsItIs, Missing::Ignore, Missing::Breaching, Missing::NotBreaching];
        assert_eq!(ways.map(|way| state(&values, 3, needed, way)), wanted, "{text}");
    }

    const OK: Option<State> = Some(State::Ok);
    const ALARM: Option<State> = Some(State::Alarm);
    const NONE: Option<State> = Some(State::InsufficientData);

    #[test]
    fn the_tables_of_the_documentation() {
        check("0 - X - X", 3, [OK; 4]);
        check("- - - - 0", 3, [OK; 4]);
        check("- - - - -", 3, [NONE, None, ALARM, OK]);
        check("0 X X - X", 3, [ALARM; 4]);
        check("- - X - -", 3, [ALARM, None, ALARM, OK]);
        check("0 - X - X", 2, [ALARM; 4]);
        check("0 0 X 0 X", 2, [ALARM; 4]);
        check("0 - X - -", 2, [OK, OK, ALARM, OK]);
        check("- - - - 0", 2, [OK, OK, ALARM, OK]);
        check("- - - X -", 2, [ALARM, None, ALARM, OK]);
    }

    #[test]
    fn one_value_beyond_is_not_taken_for_three() {
        check("- - - - X", 3, [None, None, ALARM, OK]);
    }
}
