//! What a well-kept site has besides its pages: sitemap, robots.txt, security.txt, and rules for
//! hosts that read them from files.

use std::fmt::Write as _;

use super::{Out, Setting, site, sitemap};
use crate::key::Key;
use crate::template::TemplateError;
use crate::view::{Audience, View};

/// The policy for hosts that send it as a header. A page's own policy also allows its structured
/// data, which is no script that runs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Address of security.txt, without the base address (RFC 9116 section 3).
pub const SECURITY_TXT: &str = ".well-known/security.txt";

/// Renders the files.
pub(super) fn render<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
    out: &Out<'_>,
) -> Result<(), TemplateError> {
    sitemap::render(setting, view, out)?;
    let base = &setting.config.base_url;
    let robots = format!("User-agent: *\nAllow: /\n\nSitemap: {base}sitemap.xml\n");
    let small = |path: &str, text: String| {
        let text = text.into_bytes();
        out.plain(path, ("text", Key::of_bytes(&text)), || text.clone())
    };
    small("robots.txt", robots)?;
    small("_headers", headers())?;
    small("_redirects", redirects(setting))?;
    security_txt(setting).map_or(Ok(()), |text| small(SECURITY_TXT, text))
}

/// Headers in the form that static hosts read from `_headers`; README.md says what to set on others.
fn headers() -> String {
    format!(
        "/*\n  Content-Security-Policy: {POLICY}\n  X-Content-Type-Options: nosniff\n  Referrer-Policy: no-referrer\n  Cross-Origin-Opener-Policy: same-origin\n/*.atom\n  Content-Type: application/atom+xml; charset=utf-8\n/data/*\n  Access-Control-Allow-Origin: *\n/osv/*\n  Access-Control-Allow-Origin: *\n/.well-known/csaf/*\n  Access-Control-Allow-Origin: *\n/advisories.*\n  Access-Control-Allow-Origin: *\n"
    )
}

/// Redirects in the form that static hosts read from `_redirects`. The page sources of the former
/// site were linked from mails; the text of the mail stands in for them.
fn redirects(setting: &Setting<'_>) -> String {
    let config = setting.config;
    let top = site::top_of(&config.base_url);
    let mut out = String::new();
    for redirect in &config.redirects {
        let target = match redirect.to.contains("://") {
            true => redirect.to.clone(),
            false => format!("{top}{}", redirect.to),
        };
        let _ = writeln!(out, "{top}{} {target} 301", redirect.from);
    }
    let folder = config.advisory.prefix.to_lowercase();
    for ending in ["rst", "rst.txt"] {
        let _ = writeln!(
            out,
            "{top}_sources/{folder}/:id.{ending} {top}{folder}/:id.txt 301"
        );
    }
    out
}

/// security.txt (RFC 9116), where vmt.toml says whom to tell.
fn security_txt(setting: &Setting<'_>) -> Option<String> {
    let settings = setting.config.security_txt.as_ref()?;
    let mut out = String::new();
    let mut field = |name: &str, value: &str| {
        let _ = writeln!(out, "{name}: {}", crate::prose::text::harmless(value));
    };
    for contact in &settings.contact {
        field("Contact", contact);
    }
    field("Expires", &format!("{}T00:00:00Z", settings.expires.0));
    field(
        "CSAF",
        &format!(
            "{}.well-known/csaf/provider-metadata.json",
            setting.config.base_url
        ),
    );
    field(
        "Canonical",
        &format!("{}.well-known/security.txt", setting.config.base_url),
    );
    let optional = [
        ("Encryption", &settings.encryption),
        ("Policy", &settings.policy),
        ("Acknowledgments", &settings.acknowledgments),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            field(name, value);
        }
    }
    if !settings.languages.is_empty() {
        field("Preferred-Languages", &settings.languages.join(", "));
    }
    Some(out)
}
