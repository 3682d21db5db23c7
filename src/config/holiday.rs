//! Holidays by rules that hold for every year, so that nobody has to renew a list (pure).
//!
//! Knows no policy: it only says on which days of a year a holiday falls.

use chrono::{Datelike as _, Days, NaiveDate, Weekday};

/// What a rule may look like, for messages.
pub const FORMS: &str = "`12-25`, `12-24 to 01-01`, `easter-2`, `last monday of may`, \
    `fourth thursday of november +1` or `2026-11-03`";

/// When a holiday falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The same day of every year.
    Fixed(Month, u32),
    /// From one day of the year to another, both included; may go beyond the end of the year.
    Span((Month, u32), (Month, u32)),
    /// Days after Easter Sunday of the western churches; before it where negative.
    Easter(i64),
    /// A weekday of a month, counted from its start, or from its end where negative; then days later.
    Nth(i8, Weekday, Month, i64),
    /// One day of one year.
    Once(NaiveDate),
}

/// Number of a month, from 1 to 12.
pub type Month = u32;

/// Where a holiday that falls on a weekend is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// On its day.
    AsIs,
    /// Saturday's on Friday, Sunday's on Monday.
    Nearest,
    /// On the Monday that follows.
    Next,
}

/// A holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// Its name.
    pub name: String,
    /// When it falls.
    pub rule: Rule,
    /// Where it is kept when that is a weekend.
    pub observed: Observed,
    /// Calendar that it belongs to, such as a country.
    pub calendar: Option<String>,
}

impl Holiday {
    /// Returns whether a day is this holiday, by its rule or because it is kept on that day instead.
    pub fn is_on(&self, day: NaiveDate) -> bool {
        if self.rule.is_on(day) {
            return true;
        }
        let back = |days: u64| day.checked_sub_days(Days::new(days));
        let ahead = |days: u64| day.checked_add_days(Days::new(days));
        let from = |day: Option<NaiveDate>| day.is_some_and(|day| self.rule.is_on(day));
        match (self.observed, day.weekday()) {
            (Observed::Nearest, Weekday::Fri) => from(ahead(1)),
            (Observed::Nearest, Weekday::Mon) => from(back(1)),
            (Observed::Next, Weekday::Mon) => from(back(1)) || from(back(2)),
            _ => false,
        }
    }
}

impl Rule {
    /// Reads a rule as vmt.toml writes it; [`FORMS`] shows how.
    pub fn parse(text: &str) -> Option<Rule> {
        let text = text.trim().to_ascii_lowercase();
        if let Some(offset) = text.strip_prefix("easter") {
            return offset_of(offset).map(Rule::Easter);
        }
        if let Some((from, to)) = text.split_once(" to ") {
            return Some(Rule::Span(month_day(from)?, month_day(to)?));
        }
        if text.len() == 10
            && let Ok(day) = NaiveDate::parse_from_str(&text, "%Y-%m-%d")
        {
            return Some(Rule::Once(day));
        }
        if let Some((month, day)) = month_day(&text) {
            return Some(Rule::Fixed(month, day));
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let [nth, weekday, "of", month, rest @ ..] = words.as_slice() else {
            return None;
        };
        let nth = match *nth {
            "first" => 1,
            "second" => 2,
            "third" => 3,
            "fourth" => 4,
            "last" => -1,
            _ => return None,
        };
        let month = month.parse::<chrono::Month>().ok()?.number_from_month();
        Some(Rule::Nth(
            nth,
            weekday.parse().ok()?,
            month,
            offset_of(&rest.concat())?,
        ))
    }

    fn is_on(&self, day: NaiveDate) -> bool {
        let of_year = (day.month(), day.day());
        match *self {
            Rule::Once(once) => once == day,
            Rule::Fixed(month, number) => of_year == (month, number),
            Rule::Span(from, to) if from <= to => (from..=to).contains(&of_year),
            Rule::Span(from, to) => of_year >= from || of_year <= to,
            Rule::Easter(days) => {
                // Of the year before or after where the offset leads over the end of a year.
                let years = [day.year() - 1, day.year(), day.year() + 1];
                years
                    .into_iter()
                    .any(|year| easter(year).and_then(|sunday| shifted(sunday, days)) == Some(day))
            }
            Rule::Nth(nth, weekday, month, days) => shifted(day, -days).is_some_and(|base| {
                base.month() == month
                    && base.weekday() == weekday
                    && match nth {
                        -1 => base
                            .checked_add_days(Days::new(7))
                            .is_none_or(|later| later.month() != month),
                        _ => u32::try_from(nth).is_ok_and(|nth| base.day().div_ceil(7) == nth),
                    }
            }),
        }
    }
}

/// `+1`, `-2` or nothing.
fn offset_of(text: &str) -> Option<i64> {
    let text: String = text.split_whitespace().collect();
    if text.is_empty() {
        return Some(0);
    }
    let signed = text.starts_with(['+', '-']);
    let days: i64 = text.parse().ok()?;
    (signed && days.abs() <= 366).then_some(days)
}

/// `12-25`, where some year has that day.
fn month_day(text: &str) -> Option<(Month, u32)> {
    let (month, day) = text.trim().split_once('-')?;
    let plain = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    if !plain(month) || !plain(day) {
        return None;
    }
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    NaiveDate::from_ymd_opt(2024, month, day).map(|_| (month, day))
}

fn shifted(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    day.checked_add_signed(chrono::TimeDelta::try_days(days)?)
}

/// Easter Sunday of a year: the Sunday after the full moon of the church's lunar table on or after
/// 21 March (Gregorian computus in the arithmetic of Gauss, with both of his exceptions).
pub fn easter(year: i32) -> Option<NaiveDate> {
    let (moon, leap, week) = (year % 19, year % 4, year % 7);
    let century = year / 100;
    let moon_drift = (13 + 8 * century) / 25;
    let moon_shift = (15 - moon_drift + century - century / 4) % 30;
    let sun_shift = (4 + century - century / 4) % 7;
    let full_moon = (19 * moon + moon_shift) % 30;
    let to_sunday = (2 * leap + 4 * week + 6 * full_moon + sun_shift) % 7;
    let late = (full_moon == 29 && to_sunday == 6)
        || (full_moon == 28 && to_sunday == 6 && (11 * moon_shift + 11) % 30 < 19);
    let days = full_moon + to_sunday - if late { 7 } else { 0 };
    NaiveDate::from_ymd_opt(year, 3, 22).and_then(|day| shifted(day, days.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn easter_falls_where_the_church_says() {
        for known in [
            "1954-04-18", // first exception of Gauss's rule
            "1981-04-19", // second exception
            "2000-04-23",
            "2008-03-23",
            "2011-04-24",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2038-04-25", // the latest day that there is
            "2285-03-22", // the earliest
        ] {
            assert_eq!(easter(day(known).year()), Some(day(known)));
        }
    }

    #[test]
    fn rules_fall_on_their_days() {
        let table = [
            ("12-25", "2026-12-25", true),
            ("12-25", "2026-12-26", false),
            ("02-29", "2028-02-29", true),
            ("02-29", "2027-02-28", false),
            ("12-24 to 01-01", "2026-12-23", false),
            ("12-24 to 01-01", "2026-12-24", true),
            ("12-24 to 01-01", "2027-01-01", true),
            ("12-24 to 01-01", "2027-01-02", false),
            ("easter-2", "2026-04-03", true),
            ("easter + 1", "2026-04-06", true),
            ("easter+39", "2026-05-14", true),
            ("last monday of may", "2026-05-25", true),
            ("last monday of may", "2026-05-18", false),
            ("first Monday of September", "2026-09-07", true),
            ("fourth thursday of november", "2026-11-26", true),
            ("fourth thursday of november +1", "2026-11-27", true),
            ("second monday of october", "2026-10-12", true),
            ("2026-11-03", "2026-11-03", true),
            ("2026-11-03", "2027-11-03", false),
        ];
        for (rule, on, expected) in table {
            let parsed = Rule::parse(rule).expect(rule);
            assert_eq!(parsed.is_on(day(on)), expected, "{rule} on {on}");
        }
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for text in [
            "",
            "13-01",
            "02-30",
            "1-1",
            "easter2",
            "easter+400",
            "fifth monday of may",
            "last monday",
            "last moonday of may",
            "2026-02-30",
            "12-24 to",
            "monday",
        ] {
            assert_eq!(Rule::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_holiday_on_a_weekend_may_move() {
        let on = |observed, text: &str| {
            let rule = Rule::parse("07-04").expect("a rule");
            let name = "Independence".to_owned();
            Holiday {
                name,
                rule,
                observed,
                calendar: None,
            }
            .is_on(day(text))
        };
        // 4 July 2026 is a Saturday, 4 July 2027 a Sunday.
        assert!(on(Observed::Nearest, "2026-07-03") && on(Observed::Nearest, "2027-07-05"));
        assert!(on(Observed::Next, "2026-07-06") && !on(Observed::Next, "2026-07-03"));
        assert!(!on(Observed::AsIs, "2026-07-03") && on(Observed::AsIs, "2026-07-04"));
    }
}
