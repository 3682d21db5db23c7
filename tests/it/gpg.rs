//! The real GnuPG with a home of its own in a workspace.

use std::process::Command;

use crate::env::TestEnv;

/// Makes a home for gpg, and lets the binary use it.
pub(crate) fn new_home(env: &mut TestEnv) {
    use std::os::unix::fs::PermissionsExt as _;
    let home = env.path().join("gnupg");
    std::fs::create_dir(&home).expect("a folder");
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).expect("a mode");
    env.set("GNUPGHOME", &home.to_string_lossy());
    env.set("PATH", &std::env::var("PATH").expect("a path"));
}

/// Runs gpg; says why a test is skipped where there is none.
pub(crate) fn gpg(env: &TestEnv, arguments: &[&str]) -> Option<String> {
    let output = Command::new("gpg")
        .arg("--homedir")
        .arg(env.path().join("gnupg"))
        .args(["--batch", "--quiet"])
        .args(arguments)
        .output();
    match output {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            Some(text)
        }
        Err(_) => {
            assert!(
                std::env::var_os("CI").is_none(),
                "CI has to run this: install gnupg"
            );
            eprintln!("skipped: there is no gpg on this machine");
            None
        }
    }
}

/// Makes a key without a passphrase. Returns its fingerprint.
pub(crate) fn new_key(
    env: &TestEnv,
    user: &str,
    algorithm: &str,
    usage: &str,
    expires: &str,
) -> Option<String> {
    gpg(
        env,
        &[
            "--passphrase",
            "",
            "--quick-gen-key",
            user,
            algorithm,
            usage,
            expires,
        ],
    )?;
    let listed = gpg(env, &["--with-colons", "--list-keys", user])?;
    let fingerprint = listed
        .lines()
        .find_map(|line| line.strip_prefix("fpr:"))
        .and_then(|rest| rest.split(':').find(|field| field.len() == 40));
    Some(fingerprint.expect("a fingerprint").to_owned())
}
