//! Reads the tree of vmt.toml into settings; what is missing has a default.

use std::collections::HashMap;

use super::holiday::{self, Observed};
use super::{
    Config, EmbargoPolicy, Harmless, Holiday, INVALID_SETTING, KindSettings, Numbering, Product,
    Redirect, SecurityTxt, Series, Waiver, squeeze,
};
use crate::diagnostic::Diagnostic;
use crate::host::Url;
use crate::model::Text;
use crate::shape::read::{date, entries, items, required, text, texts};
use crate::tree::Node;
use crate::version::Version;

pub(super) fn read(root: &Node, problems: &mut Vec<Diagnostic>) -> Config {
    let empty = Node {
        span: root.span,
        value: crate::tree::Value::Null,
    };
    let part = |name: &str| root.get(name).unwrap_or(&empty);
    let value = |node: &Node, name: &str, default: &str| {
        text(node, name).map_or_else(|| default.to_owned(), |text| text.value)
    };
    let (site, team, documents) = (part("site"), part("team"), part("documents"));
    let base_url = value(site, "base-url", "http://localhost:8000/");
    let mut kind = |name: &str, prefix: &str, folder: &str, numbering: Numbering| {
        let node = documents.get(name).unwrap_or(&empty);
        check_name(
            node,
            "prefix",
            problems,
            "capitals and digits, a capital first",
            is_prefix,
        );
        check_name(
            node,
            "folder",
            problems,
            "a folder name inside the workspace",
            is_folder,
        );
        KindSettings {
            prefix: Some(value(node, "prefix", prefix))
                .filter(|text| is_prefix(text))
                .unwrap_or(prefix.into()),
            folder: Some(value(node, "folder", folder))
                .filter(|text| is_folder(text))
                .unwrap_or(folder.into()),
            numbering: match text(node, "numbering")
                .as_ref()
                .map(|text| text.value.as_str())
            {
                Some("yearly") => Numbering::Yearly,
                Some("running") => Numbering::Running,
                _ => numbering,
            },
        }
    };
    let advisory = kind("advisory", "OSSA", "advisories", Numbering::Yearly);
    let note = kind("note", "OSSN", "notes", Numbering::Running);
    let docs = text(site, "docs");
    check_name(
        site,
        "docs",
        problems,
        "a folder name inside the workspace",
        is_folder,
    );
    let docs = docs.map(|text| text.value).filter(|text| is_folder(text));
    let series: Vec<Series> = items(root, "series")
        .into_iter()
        .map(|node| read_series(node, problems))
        .collect();
    let products: Vec<Product> = items(root, "products")
        .into_iter()
        .map(read_product)
        .collect();
    Config {
        site_title: value(site, "title", "Security advisories"),
        site_description: value(site, "description", ""),
        base_url: format!("{}/", base_url.trim_end_matches('/')),
        docs,
        organisation: value(team, "organisation", ""),
        team: value(team, "name", "Vulnerability management team"),
        team_url: text(team, "url").map(|text| text.value),
        ignore: texts(documents, "ignore")
            .into_iter()
            .map(|text| text.value)
            .collect(),
        advisory,
        note,
        maintained_months: text(part("policy"), "maintained-months")
            .and_then(|text| text.value.parse().ok())
            .unwrap_or(18),
        dead_addresses: read_dead_addresses(part("policy")),
        embargo: read_embargo(root, part("policy"), problems),
        harmless: items(root, "harmless")
            .into_iter()
            .map(|node| Harmless {
                text: required(node, "text").value,
                reason: required(node, "reason").value,
            })
            .collect(),
        team_keys: texts(part("openpgp"), "team")
            .into_iter()
            .filter_map(|text| fingerprint(text, problems))
            .collect(),
        rules: entries(root, "rules")
            .iter()
            .filter_map(|(key, node)| {
                let style = crate::tree::Style::Plain;
                let name = Text {
                    value: key.name.clone(),
                    span: key.span,
                    style,
                };
                Some((name, node.text()?.to_owned()))
            })
            .collect(),
        waivers: items(root, "waivers")
            .into_iter()
            .map(|node| Waiver {
                document: required(node, "document"),
                rule: required(node, "rule"),
            })
            .collect(),
        security_txt: root
            .get("security-txt")
            .and_then(|node| read_security_txt(node, problems)),
        sign_with: text(part("openpgp"), "sign-with").and_then(|text| fingerprint(text, problems)),
        mail: super::mail::read(root, problems),
        osv_prefix: value(part("osv"), "id-prefix", "x_"),
        osv_license: text(part("osv"), "license").map(|text| text.value),
        redirects: items(root, "redirects")
            .into_iter()
            .filter_map(|node| read_redirect(node, problems))
            .collect(),
        by_name: places(&products, all_names, str::to_ascii_lowercase),
        by_squeezed: places(&products, main_names, squeeze),
        products,
        starts: starts(&series),
        series,
    }
}

/// Addresses of OpenStack that moved, where vmt.toml names none.
const DEAD_ADDRESSES: [&str; 6] = [
    "review.openstack.org/",
    "review.opendev.org/#/",
    "lists.launchpad.net/",
    "lists.openstack.org/pipermail/",
    "git.openstack.org/",
    "wiki.openstack.org/wiki/OSSN",
];

fn read_dead_addresses(policy: &Node) -> Vec<String> {
    match policy.get("dead-addresses") {
        // A blank would be a part of every address.
        Some(_) => texts(policy, "dead-addresses")
            .into_iter()
            .map(|text| text.value.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect(),
        None => DEAD_ADDRESSES.map(str::to_owned).to_vec(),
    }
}

/// The policy of disclosures; what vmt.toml leaves out is OpenStack's.
fn read_embargo(root: &Node, policy: &Node, problems: &mut Vec<Diagnostic>) -> EmbargoPolicy {
    let mut number = |field: &str, default: u32| {
        let Some(text) = text(policy, field) else {
            return default;
        };
        text.value.parse().unwrap_or_else(|_| {
            let message = format!("`{}` is no number of days", text.value);
            let help = format!("write a whole number such as {default}");
            problems.push(INVALID_SETTING.at(text.span, message).help(help));
            default
        })
    };
    let longest_days = number("embargo-days", 90);
    let notice_days = (
        number("notice-days-least", 3),
        number("notice-days-most", 10),
    );
    let distros_days = number("distros-days", 14);
    if notice_days.0 > notice_days.1 {
        problems.push(
            INVALID_SETTING
                .at(
                    policy.span,
                    "`notice-days-least` is more than `notice-days-most`",
                )
                .help("no day could be proposed; exchange the two"),
        );
    }
    let time = text(policy, "disclosure-time").and_then(|text| {
        let time = chrono::NaiveTime::parse_from_str(text.value.trim(), "%H:%M").ok();
        if time.is_none() {
            let message = format!("`{}` is no time of the day", text.value);
            problems.push(
                INVALID_SETTING
                    .at(text.span, message)
                    .help("write it like `15:00`"),
            );
        }
        time
    });
    let avoided = match policy.get("no-disclosure-on") {
        Some(_) => texts(policy, "no-disclosure-on")
            .iter()
            .filter_map(|text| text.value.parse().ok())
            .collect(),
        None => vec![chrono::Weekday::Mon, chrono::Weekday::Fri],
    };
    let calendars = texts(policy, "calendars");
    let counts = |holiday: &Holiday| {
        let named = |name: &String| calendars.iter().any(|text| text.value == *name);
        calendars.is_empty() || holiday.calendar.as_ref().is_none_or(named)
    };
    EmbargoPolicy {
        longest_days,
        notice_days,
        distros_days,
        time: time
            .or(chrono::NaiveTime::from_hms_opt(15, 0, 0))
            .unwrap_or_default(),
        avoided,
        holidays: items(root, "holidays")
            .into_iter()
            .filter_map(|node| read_holiday(node, problems))
            .filter(counts)
            .collect(),
    }
}

fn read_holiday(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Holiday> {
    let on = required(node, "on");
    let Some(rule) = holiday::Rule::parse(&on.value) else {
        let message = format!("`{}` says no day of the year", on.value);
        let help = format!("write it like {}", holiday::FORMS);
        problems.push(INVALID_SETTING.at(on.span, message).help(help));
        return None;
    };
    Some(Holiday {
        name: required(node, "name").value,
        rule,
        observed: match text(node, "observed").map(|text| text.value).as_deref() {
            Some("nearest") => Observed::Nearest,
            Some("next") => Observed::Next,
            _ => Observed::AsIs,
        },
        calendar: text(node, "calendar").map(|text| text.value),
    })
}

/// Sorts the first versions of series by product, so that a look-up is not a search of all.
fn starts(series: &[Series]) -> HashMap<String, Vec<(Version, String)>> {
    let mut starts: HashMap<String, Vec<(Version, String)>> = HashMap::new();
    for one in series {
        for (product, version) in &one.first_releases {
            let of_product = starts.entry(product.clone()).or_default();
            of_product.push((version.clone(), one.name.clone()));
        }
    }
    for of_product in starts.values_mut() {
        of_product.sort_by(|a, b| a.0.cmp(&b.0));
    }
    starts
}

/// Places of products by their names in some form. The first product that has a name keeps it.
fn places<'a, N: Iterator<Item = &'a String>>(
    products: &'a [Product],
    names: fn(&'a Product) -> N,
    form: fn(&str) -> String,
) -> HashMap<String, usize> {
    let mut places = HashMap::new();
    for (at, product) in products.iter().enumerate() {
        for name in names(product) {
            places.entry(form(name)).or_insert(at);
        }
    }
    places
}

fn all_names(product: &Product) -> impl Iterator<Item = &String> {
    [&product.name, &product.title]
        .into_iter()
        .chain(&product.aliases)
}

fn main_names(product: &Product) -> impl Iterator<Item = &String> {
    [&product.name, &product.title].into_iter()
}

fn read_security_txt(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<SecurityTxt> {
    let mut contact = Vec::new();
    for text in texts(node, "contact") {
        let mail = text.value.strip_prefix("mailto:");
        let sound = Url::parse(&text.value).is_ok_and(|url| url.scheme == "https")
            || mail.is_some_and(|mail| mail.contains('@') && !mail.contains(char::is_whitespace));
        if sound {
            contact.push(text.value);
        } else {
            let message = format!("`{}` is no address to report to", text.value);
            problems.push(
                INVALID_SETTING.at(text.span, message).help(
                    "write `https://…` or `mailto:team@example.org` (RFC 9116 section 2.5.3)",
                ),
            );
        }
    }
    let expires = date(node, "expires")?;
    let Some(day) = expires.day else {
        problems.push(not_a_day(&expires.text));
        return None;
    };
    let address = |field: &str| text(node, field).map(|text| text.value);
    Some(SecurityTxt {
        contact,
        expires: (day, expires.text),
        encryption: address("encryption"),
        policy: address("policy"),
        acknowledgments: address("acknowledgments"),
        languages: texts(node, "preferred-languages")
            .into_iter()
            .map(|text| text.value)
            .collect(),
    })
}

/// A fingerprint of version 4 (40 digits) or 6 (64 digits) keys; blanks between groups do not count.
pub(super) fn fingerprint(text: Text, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let digits: String = text.value.chars().filter(|c| !c.is_whitespace()).collect();
    let sound = matches!(digits.len(), 40 | 64) && digits.chars().all(|c| c.is_ascii_hexdigit());
    if !sound {
        problems.push(
            INVALID_SETTING
                .at(text.span, format!("`{}` is no fingerprint", text.value))
                .help("write all 40 digits, as `gpg --fingerprint` shows them"),
        );
        return None;
    }
    Some(digits.to_uppercase())
}

fn not_a_day(text: &crate::model::Text) -> Diagnostic {
    INVALID_SETTING
        .at(
            text.span,
            format!("`{}` is not a day of the calendar", text.value),
        )
        .help("write it as 2026-04-01")
}

fn read_redirect(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Redirect> {
    let path = |text: &str| {
        let path = text.trim_start_matches('/');
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        let sound = !path.is_empty()
            && path.chars().all(plain)
            && path
                .split('/')
                .all(|part| !part.is_empty() && !part.starts_with('.'));
        sound.then(|| path.to_owned())
    };
    let (from, to) = (required(node, "from"), required(node, "to"));
    let target = match Url::parse(&to.value) {
        Ok(_) => Some(to.value.clone()),
        Err(_) => path(&to.value),
    };
    let page = path(&from.value).filter(|path| path.ends_with(".html"));
    for (text, wrong, wanted) in [
        (
            &from,
            page.is_none(),
            "the path of a page, such as `old/page.html`",
        ),
        (
            &to,
            target.is_none(),
            "a path on the site or a whole address",
        ),
    ] {
        if wrong && !text.value.is_empty() {
            let message = format!("`{}` is not {wanted}", text.value);
            problems.push(
                INVALID_SETTING
                    .at(text.span, message)
                    .help(format!("write {wanted}")),
            );
        }
    }
    Some(Redirect {
        from: page?,
        to: target?,
    })
}

fn read_product(node: &Node) -> Product {
    let name = required(node, "name").value;
    Product {
        title: text(node, "title").map_or_else(|| name.clone(), |text| text.value),
        aliases: texts(node, "aliases")
            .into_iter()
            .map(|text| text.value)
            .collect(),
        pypi: text(node, "pypi").map_or_else(|| name.clone(), |text| text.value),
        repository: text(node, "repository").map(|text| text.value),
        name,
    }
}

fn read_series(node: &Node, problems: &mut Vec<Diagnostic>) -> Series {
    let mut day = |field: &str| {
        let date = date(node, field)?;
        if date.day.is_none() {
            problems.push(not_a_day(&date.text));
        }
        date.day
    };
    Series {
        released: day("released"),
        maintained_until: day("maintained-until"),
        end_of_life: day("end-of-life"),
        name: required(node, "name").value,
        number: text(node, "number").map(|text| text.value),
        first_releases: entries(node, "first-releases")
            .iter()
            .filter_map(|(key, node)| Some((key.name.clone(), Version::parse(node.text()?)?)))
            .collect(),
    }
}

fn check_name(
    node: &Node,
    field: &str,
    problems: &mut Vec<Diagnostic>,
    wanted: &str,
    sound: fn(&str) -> bool,
) {
    if let Some(text) = text(node, field)
        && !sound(&text.value)
    {
        let message = format!("`{}` is no sound {field}", text.value);
        problems.push(
            INVALID_SETTING
                .at(text.span, message)
                .help(format!("use {wanted}")),
        );
    }
}

fn is_prefix(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// One folder name of plain characters: no way out of the workspace.
fn is_folder(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}
