//! People: credits and authors in the forms that documents use.

use super::{CreditView, one_line};
use crate::model::{Document, Text};

/// Words that stand where an organisation should.
const NO_AFFILIATION: [&str; 6] = ["none", "unknown", "n/a", "unaffiliated", "-", ""];

/// Returns the people to thank: reporters of an advisory, credits of a note.
pub(super) fn credits(document: &Document, several_cves: bool) -> Vec<CreditView> {
    let mut found: Vec<CreditView> = document
        .reporters
        .iter()
        .map(|reporter| CreditView {
            name: one_line(&reporter.name.value),
            affiliation: reporter
                .affiliation
                .as_ref()
                .and_then(|text| affiliation(&text.value)),
            cves: reporter
                .reported
                .iter()
                .filter(|_| several_cves)
                .filter_map(|text| crate::model::id::cve_id(text.value.trim()))
                .collect(),
        })
        .collect();
    if let Some(note) = document.note() {
        found.extend(people(&note.credits));
    }
    found
}

/// Returns the authors of a note.
pub(super) fn authors(document: &Document) -> Vec<CreditView> {
    document
        .note()
        .map(|note| people(&note.authors))
        .unwrap_or_default()
}

fn people(texts: &[Text]) -> Vec<CreditView> {
    texts
        .iter()
        .flat_map(|text| read(&one_line(&text.value)))
        .collect()
}

/// Reads `Name, Organisation`, `Name (Organisation)`, lists of the latter, and of either with semicolons.
pub fn read(text: &str) -> Vec<CreditView> {
    let person = |name: &str, organisation: &str| CreditView {
        name: name.trim_matches([' ', ',', ';']).to_owned(),
        affiliation: affiliation(organisation),
        cves: Vec::new(),
    };
    if let Some((first, rest)) = text.split_once(';') {
        let mut found = read(first);
        found.extend(read(rest));
        return found;
    }
    // A sentence: who it is about is not for us to take apart.
    if text.contains(" from ") {
        return vec![person(text, "")];
    }
    if text.contains('(') {
        let mut rest = text;
        let mut found = Vec::new();
        while let Some((name, after)) = rest.split_once('(') {
            let (organisation, after) = after.split_once(')').unwrap_or((after, ""));
            let name = name
                .trim_start_matches([',', ' '])
                .trim_start_matches("and ");
            found.push(match name.split_once(',') {
                // `Name, Organisation (Unit)`: the comma came first.
                Some((name, whole)) => person(name, &format!("{} ({organisation})", whole.trim())),
                None => person(name, organisation),
            });
            rest = after;
        }
        let rest = rest.trim_matches([',', ';', '.', ' ']);
        if !rest.is_empty() {
            found.push(person(rest, ""));
        }
        return found;
    }
    let (name, organisation) = text.split_once(',').unwrap_or((text, ""));
    if name.trim().is_empty() {
        Vec::new()
    } else {
        vec![person(name, organisation)]
    }
}

fn affiliation(text: &str) -> Option<String> {
    let text = one_line(text);
    let nothing = NO_AFFILIATION.contains(&text.to_lowercase().as_str());
    (!nothing).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_read_in_every_form() {
        let shown = |text: &str| -> Vec<String> {
            read(text)
                .into_iter()
                .map(|person| format!("{}|{}", person.name, person.affiliation.unwrap_or_default()))
                .collect()
        };
        assert_eq!(shown("Ann Bee, Example"), ["Ann Bee|Example"]);
        assert_eq!(
            shown("Ann Bee (Example), Cy Dee (An Org, Unit)"),
            ["Ann Bee|Example", "Cy Dee|An Org, Unit"]
        );
        assert_eq!(
            shown("Ann Bee, An Org (Unit), Cy Dee (Example)"),
            ["Ann Bee|An Org (Unit)", "Cy Dee|Example"]
        );
        assert_eq!(shown("Ann Bee (Independent)"), ["Ann Bee|Independent"]);
        assert_eq!(shown("Ann Bee"), ["Ann Bee|"]);
        assert_eq!(shown("Ann Bee, none"), ["Ann Bee|"]);
        assert_eq!(
            shown("Ann Bee, Example; Cy Dee, An Org"),
            ["Ann Bee|Example", "Cy Dee|An Org"]
        );
        assert_eq!(
            shown("annbee and Cy Dee (@cy) from An Org"),
            ["annbee and Cy Dee (@cy) from An Org|"]
        );
        assert_eq!(shown(""), [""; 0]);
    }
}
