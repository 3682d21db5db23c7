#!/usr/bin/env python3
"""Holds mails against programs that we did not write: Postfix takes them over TLS and hands them on to a second
Postfix, which delivers into a maildir; GnuPG, sq, notmuch (through VMT_SHARED's mail.sh), Python's e-mail package
and neomutt read what arrived. Then faults: a kill at every step of a delivery, and a full disk.

usage: mail.py VMT SHARED REAL_WORKSPACE"""
import atexit, email, email.policy, glob, hashlib, json, os, pwd, re, shutil, socket, subprocess, sys, tempfile, time

vmt, shared, real = (os.path.realpath(p) for p in sys.argv[1:4])
work = tempfile.mkdtemp(prefix="vmt-mail-")
os.chmod(work, 0o755)
SENDER = "Zoë Coordinator <zoe@example.org>"
failures = []


def free_port():
    """A port that nobody listens at: two Postfixes at one port would share its mails."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


PORT, SECOND, PLAIN = free_port(), free_port(), free_port()
# Runs last, after the Postfixes were stopped; what failed is kept to look at.
atexit.register(lambda: failures or shutil.rmtree(work, ignore_errors=True))


def run(args, cwd=None, env=None, check=True, **more):
    done = subprocess.run(args, cwd=cwd, env=env, capture_output=True, text=True, **more)
    if check and done.returncode:
        sys.exit("%s\n%s%s" % (" ".join(args), done.stdout, done.stderr))
    return done


def expect(truth, what):
    if not truth:
        failures.append(what)
        print("FAIL", what)


# Keys: the coordinator's, and that of the list that takes encrypted mails only.
home = os.path.join(work, "gnupg")
os.mkdir(home, 0o700)
environment = dict(os.environ, GNUPGHOME=home, VMT_MAIL_FROM=SENDER, VMT_NOW="2026-11-26T12:00:00Z")
os.environ["GNUPGHOME"] = home


def gpg(*args):
    return run(["gpg", "--batch", "--quiet", *args]).stdout


def key(user, *algorithm):
    gpg("--passphrase", "", "--quick-gen-key", user, *algorithm)
    lines = gpg("--with-colons", "--list-keys", user).splitlines()
    return next(line.split(":")[9] for line in lines if line.startswith("fpr:"))


own = key(SENDER, "ed25519", "sign", "never")
gpg("--passphrase", "", "--quick-add-key", own, "cv25519", "encr", "never")
distros = key("A list <linux-distros@vs.openwall.org>", "default", "default", "never")
environment["VMT_MAIL_SIGN_WITH"] = own
certificate = os.path.join(work, "cert.asc")
with open(certificate, "w") as file:
    file.write(gpg("--armor", "--export", own))

# A certificate authority for the first hop.
tls = os.path.join(work, "tls")
os.mkdir(tls)
run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{tls}/ca-key.pem", "-out", f"{tls}/ca.pem",
     "-days", "30", "-subj", "/CN=A test authority"])
run(["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{tls}/key.pem", "-out", f"{tls}/request.pem",
     "-subj", "/CN=localhost"])
with open(f"{tls}/names", "w") as file:
    file.write("subjectAltName=DNS:localhost\nbasicConstraints=critical,CA:FALSE\n")
run(["openssl", "x509", "-req", "-in", f"{tls}/request.pem", "-CA", f"{tls}/ca.pem", "-CAkey", f"{tls}/ca-key.pem",
     "-CAcreateserial", "-days", "30", "-extfile", f"{tls}/names", "-out", f"{tls}/cert.pem"])


def postfix(name, settings, port):
    """Starts a Postfix of its own that listens on a port of this machine."""
    config, spool, data = (os.path.join(work, name, part) for part in ("etc", "spool", "data"))
    for folder in (config, spool, data):
        os.makedirs(folder)
    os.chmod(os.path.join(work, name), 0o755)
    postfix_user = pwd.getpwnam("postfix")
    os.chown(data, postfix_user.pw_uid, postfix_user.pw_gid)
    main = {
        "compatibility_level": "3.6", "queue_directory": spool, "data_directory": data, "mail_owner": "postfix",
        "myhostname": f"{name}.example.org", "mydestination": "", "mynetworks": "127.0.0.0/8 [::1]/128",
        "inet_interfaces": "loopback-only", "inet_protocols": "ipv4", "biff": "no", "maillog_file": f"{work}/{name}.log",
        "maillog_file_prefixes": work, "message_size_limit": "200000000", "mailbox_size_limit": "0",
        "virtual_mailbox_limit": "0", "smtp_tls_security_level": "none", "default_database_type": "hash",
        "alias_maps": "", "alias_database": "", **settings}
    with open(f"{config}/main.cf", "w") as file:
        file.writelines(f"{key} = {value}\n" for key, value in main.items())
    with open("/usr/share/postfix/master.cf.dist") as dist, open(f"{config}/master.cf", "w") as file:
        text = re.sub(r"(?m)^smtp( +)inet", rf"{port}\1inet", dist.read())
        # No chroot: the files that it would need are not there.
        text = re.sub(r"(?m)^(\S+ +(?:inet|unix|fifo) +\S+ +\S+ +)y ", r"\1n ", text)
        if "postlog" not in text:
            text += "postlog   unix-dgram n  -       n       -       1       postlogd\n"
        file.write(text)
    shutil.copy("/etc/postfix/dynamicmaps.cf", config) if os.path.exists("/etc/postfix/dynamicmaps.cf") else None
    run(["postfix", "-c", config, "start"])
    atexit.register(run, ["postfix", "-c", config, "stop"], check=False)


maildir = os.path.join(work, "mail")
os.mkdir(maildir)
nobody = pwd.getpwnam("nobody")
os.chown(maildir, nobody.pw_uid, nobody.pw_gid)
DOMAINS = "lists.openstack.org lists.openwall.com vs.openwall.org"
postfix("second", {
    "virtual_mailbox_domains": DOMAINS, "virtual_mailbox_base": maildir, "virtual_mailbox_maps": "static:box/",
    "virtual_uid_maps": f"static:{nobody.pw_uid}", "virtual_gid_maps": f"static:{nobody.pw_gid}",
    "virtual_minimum_uid": "1"}, SECOND)
# The first hop is told that the second takes seven bits only: it re-encodes whatever it has to.
postfix("first", {
    "relayhost": f"[127.0.0.1]:{SECOND}", "smtpd_tls_security_level": "encrypt", "smtpd_tls_cert_file": f"{tls}/cert.pem",
    "smtpd_tls_key_file": f"{tls}/key.pem", "smtp_discard_ehlo_keywords": "8bitmime, smtputf8, pipelining",
    "smtpd_relay_restrictions": "permit_mynetworks, reject"}, PORT)


def workspace(name):
    """A workspace with the settings of mails, to fill with documents."""
    folder = os.path.join(work, name)
    run([vmt, "-q", "init", folder])
    with open(f"{folder}/vmt.toml") as file:
        toml = file.read()
    toml = toml.replace('name = "linux-distros"', f'name = "linux-distros"\nkey = "{distros}"', 1)
    smtp = f'[mail.smtp]\nhost = "localhost"\nport = {PORT}\nauthorities = "ca.pem"\nretry-after = 1\n\n'
    toml = toml.replace("[[mail.lists]]", smtp + "[[mail.lists]]", 1)
    with open(f"{folder}/vmt.toml", "w") as file:
        file.write(toml)
    os.makedirs(f"{folder}/keys")
    with open(f"{folder}/keys/{distros}.asc", "w") as file:
        file.write(gpg("--armor", "--export", distros))
    shutil.copy(f"{tls}/ca.pem", f"{folder}/ca.pem")
    return folder


def arrived():
    return sorted(glob.glob(f"{maildir}/box/new/*"))


def wait_for(count):
    for _ in range(600):
        if len(arrived()) >= count:
            return
        time.sleep(0.2)
    sys.exit("only %d of %d mails arrived\n%s" % (len(arrived()), count, open(f"{work}/first.log").read()[-3000:]))


# Mails of every kind for twenty documents of the real corpus, and for ten of them as if under embargo.
advisories = sorted(glob.glob(f"{real}/advisories/*.yaml"))
corrected = [path for path in advisories if re.search(r"(?m)^errata_history:", open(path).read())]
others = [path for path in advisories if path not in corrected]
chosen = corrected[-5:] + others[:3] + others[len(others) // 2 : len(others) // 2 + 3] + others[-4:]
notes = sorted(glob.glob(f"{real}/notes/*.yaml"))
chosen_notes = notes[:2] + notes[-3:]
assert len(chosen) + len(chosen_notes) == 20
public = workspace("public")
shutil.copy(f"{real}/releases.lock", public)
for path in chosen:
    shutil.copy(path, f"{public}/advisories")
for path in chosen_notes:
    shutil.copy(path, f"{public}/notes")
private = workspace("private")
embargoed = []
for path in others[-10:]:
    name = os.path.basename(path)
    with open(path) as file:
        text = re.sub(r"(?ms)^reviews:.*?(?=^\S)", "", file.read())
    text = re.sub(r"(?m)^date:.*$", "date: 2026-12-03", text)
    patch = f"patches/{name[:-5].lower()}-master.patch"
    text += ("\nembargo:\n  received: 2026-11-16\n  disclosure: 2026-12-03T15:00:00Z\n  updates:\n"
             f"    - 2026-11-25 - The patch was revised.\n  patches: [{patch}]\n")
    os.makedirs(f"{private}/embargoed/patches", exist_ok=True)
    with open(f"{private}/embargoed/{name}", "w") as file:
        file.write(text)
    with open(f"{private}/embargoed/{patch}", "wb") as file:
        file.write(b"From here \n--- a/x\n+++ b/x\n.\n..\n+ \xc3\xa9 trailing \t\n-- \n2.39\n" * 400)
    embargoed.append(name[:-5])

PUBLIC = ["--allow", "check-errors", "--allow", "thread-unknown", "--allow", "before-disclosure"]
sent = {}


def send(folder, document, kind):
    args = [vmt, "-C", folder, "mail", "send", document, "--kind", kind, "--yes", document, *PUBLIC]
    if kind.startswith(("notice", "update")):
        args += ["--allow", "disclosure-date"]
    run(args, env=environment)
    preview = run([vmt, "-C", folder, "mail", "preview", document, "--kind", kind, "--format", "json"], env=environment)
    letter = json.loads(preview.stdout)
    sent[letter["message_id"]] = (folder, letter)


for path in chosen:
    document = os.path.basename(path)[:-5]
    kinds = ["announce", "announce-oss-security"] + (["errata", "errata-oss-security"] if path in corrected else [])
    for kind in kinds:
        send(public, document, kind)
for path in chosen_notes:
    document = os.path.basename(path)[:-5]
    send(public, document, "note")
    send(public, document, "note-oss-security")
for document in embargoed:
    for kind in ("notice", "notice-distros", "update", "update-distros"):
        send(private, document, kind)
deliveries = sum(len(letter["to"]) for _, letter in sent.values())
wait_for(deliveries)
print("sent %d mails of %d kinds, %d arrived" % (len(sent), len({l["kind"] for _, l in sent.values()}), len(arrived())))
expect(len({letter["kind"] for _, letter in sent.values()}) >= 10, "mails of every kind")

# What arrived, without what the hops put on top, with the line breaks of the network.
TRACE = re.compile(rb"(?i)^(return-path|received|delivered-to|x-original-to):")
checked, forms = {}, {}
folder = os.path.join(work, "arrived")
os.mkdir(folder)
for path in arrived():
    head, _, body = open(path, "rb").read().partition(b"\n\n")
    lines, keep = [], True
    for line in head.split(b"\n"):
        keep = keep if line[:1] in b" \t" else not TRACE.match(line)
        if keep:
            lines.append(line)
    raw = (b"\n".join(lines) + b"\n\n" + body).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    where, letter = sent[message["Message-ID"].strip()]
    name = re.sub(r"\W", "_", message["Message-ID"]) + ".eml"
    with open(f"{folder}/{name}", "wb") as file:
        file.write(raw)
    checked[f"{folder}/{name}"] = (where, letter, message, raw)

# The bytes between the hops are the bytes that were signed: equal to what was queued.
for path, (where, letter, message, raw) in checked.items():
    queued = open(f"{where}/.vmt-outbox/{letter['document']}.{letter['kind']}.{letter['revision']}/message.eml", "rb").read()
    body = queued.partition(b"\r\n\r\n")[2]
    expect(raw.partition(b"\r\n\r\n")[2].rstrip() == body.rstrip(), f"{letter['document']} {letter['kind']}: the body is unchanged")

by_secret = {}
for path, (_, letter, _, _) in checked.items():
    secrets = ()
    if letter["encrypted_to"]:
        cve = re.search(r"CVE-\d+-\d+", letter["subject"])
        secrets = (letter["document"],) + ((cve.group(),) if cve else ())
    by_secret.setdefault(secrets, []).append(path)
for secrets, paths in by_secret.items():
    words = [word for secret in secrets for word in ("--secret", secret)]
    done = run(["bash", f"{shared}/validators/mail.sh", "--keys", certificate, *words, *paths], check=False)
    expect(done.returncode == 0, "mail.sh:\n" + "\n".join(l for l in done.stdout.splitlines() if not l.startswith("ok")))
print("GnuPG, sq and notmuch read %d mails" % len(checked))


def defects(message):
    return [defect for part in message.walk() for defect in part.defects]


# Python sees the structure, the text and the files.
for path, (where, letter, message, raw) in checked.items():
    what = f"{letter['document']} {letter['kind']}"
    expect(not defects(message), f"{what}: no defects, {defects(message)}")
    expect(message["To"] == ", ".join(letter["to"]), f"{what}: To")
    if letter["encrypted_to"]:
        expect(message["Subject"] == letter["outer_subject"], f"{what}: the subject on its way")
        decrypted = subprocess.run(["gpg", "--batch", "--quiet", "--decrypt"], input=list(message.iter_parts())[1].get_payload(decode=True), capture_output=True).stdout
        inner = email.message_from_bytes(decrypted, policy=email.policy.default)
    else:
        inner = list(message.iter_parts())[0]
    expect(inner["Subject"] == letter["subject"], f"{what}: the protected subject")
    expect(str(inner["From"]) == SENDER, f"{what}: the sender, {inner['From']}")
    text = next(part for part in inner.walk() if part.get_content_type() == "text/plain")
    content = text.get_content().replace("\r\n", "\n")
    if letter["encrypted_to"]:
        start, _, content = content.partition("\n\n")
        expect(start.replace("\n ", " ") == "Subject: " + letter["subject"], f"{what}: the subject for readers without RFC 9788")
    expect(content.rstrip("\n") == letter["body"].rstrip("\n"), f"{what}: the text")
    expect(all(len(line) <= 72 or " " not in line.strip() or "`" in line or line.startswith("    ") or letter["kind"].startswith("note") for line in content.splitlines()), f"{what}: 72 columns")
    files = {part.get_filename(): part.get_payload(decode=True) for part in inner.walk() if part.get_filename()}
    files.pop("signature.asc", None)
    expected = {file["name"]: file["sha256"] for file in letter["attachments"]}
    expect({name: hashlib.sha256(data).hexdigest() for name, data in files.items()} == expected, f"{what}: the files")
    forms[message.get_content_type()] = forms.get(message.get_content_type(), 0) + 1
print("Python reads %s" % forms)

# A second hop that writes the mail anew, as list software does, with a header and trace lines of its own.
for path, (_, letter, message, raw) in checked.items():
    again = message.as_bytes(policy=email.policy.SMTP.clone(max_line_length=78))
    with open(path, "wb") as file:
        file.write(b"List-Id: a list\r\n" + again)
for path, (_, letter, message, raw) in checked.items():
    if letter["encrypted_to"]:
        continue
    part = open(path, "rb").read()
    boundary = re.search(rb'boundary="([^"]+)"', part).group(1)
    signed = part.split(b"--" + boundary + b"\r\n")[1].removesuffix(b"\r\n")
    signature = part[part.index(b"-----BEGIN PGP SIGNATURE") :]
    with open(f"{work}/part", "wb") as one, open(f"{work}/part.asc", "wb") as two:
        one.write(signed)
        two.write(signature)
    done = run(["gpg", "--batch", "--verify", f"{work}/part.asc", f"{work}/part"], check=False)
    expect(done.returncode == 0, f"{letter['document']} {letter['kind']}: the signature after another hop")
print("signatures hold after the mail was written anew")


def neomutt(path, wanted):
    """Opens a mail in neomutt and returns what the screen shows."""
    box = os.path.join(work, "box")
    shutil.rmtree(box, ignore_errors=True)
    for part in ("cur", "new", "tmp"):
        os.makedirs(f"{box}/{part}")
    shutil.copy(path, f"{box}/new/1")
    with open(f"{work}/muttrc", "w") as file:
        file.write(f"set folder={box}\nset spool_file={box}\nset record=\"\"\n" "set mbox_type=Maildir\nset crypt_use_gpgme=yes\nset crypt_verify_sig=yes\nset pager_stop=yes\n"
                   "set wait_key=no\nset quit=yes\nset move=no\nset charset=utf-8\nset send_charset=utf-8\n"
                   "set header_cache=\"\"\nset crypt_protected_headers_read=yes\n")
    run(["tmux", "kill-server"], check=False)
    run(["tmux", "-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "60",
         f"env LC_ALL=C.UTF-8 TERM=screen GNUPGHOME={home} HOME={work} neomutt -n -F {work}/muttrc -f {box}"])
    screen = ""
    for _ in range(60):
        time.sleep(0.3)
        screen = run(["tmux", "capture-pane", "-p"], check=False).stdout
        if all(word in screen for word in wanted):
            break
        if "q:Quit" in screen:
            run(["tmux", "send-keys", "Enter"], check=False)
    run(["tmux", "kill-server"], check=False)
    for word in wanted:
        expect(word in screen, f"neomutt shows {word!r}:\n{screen}")
    return screen


one = next(path for path, (_, letter, _, _) in checked.items() if letter["kind"] == "announce")
other = next(path for path, (_, letter, _, _) in checked.items() if letter["kind"] == "notice-distros")
neomutt(one, ["Good signature from", "The following data is signed"])
neomutt(other, ["Good signature from", "PGP/MIME signed and encrypted", "Subject: [vs] Vulnerability in"])
print("neomutt shows a signed and an encrypted mail as such")

# The rehearsal of docs/rehearsal.md, from report to errata, with this Postfix.
shutil.rmtree(f"{maildir}/box", ignore_errors=True)
postfix("plain", {"relayhost": f"[127.0.0.1]:{SECOND}", "smtpd_relay_restrictions": "permit_mynetworks, reject"}, PLAIN)
run(["cargo", "test", "--locked", "--quiet", "--test", "it", "rehearsal::the_rehearsal"],
    env={key_: value for key_, value in os.environ.items() if key_ != "GNUPGHOME"} | {"VMT_REHEARSAL_PORT": str(PLAIN)})
wait_for(10)
expect(len(arrived()) == 10, f"the rehearsal: {len(arrived())} copies of its mails for 10 lists")
print("the rehearsal went from report to errata, and its mails arrived")

# A kill at every step that reaches the disk or the network: no mail is lost and none goes out twice.
shutil.rmtree(f"{maildir}/box", ignore_errors=True)
# strace counts each call of the system by itself.
CALLS = ["openat", "write", "fsync", "rename", "mkdir", "flock", "connect", "sendto", "recvfrom"]
ADVISORY = open(others[-1]).read()
outcomes = {"sent": 0, "unknown, settled by the maildir": 0}
kills = 0
document = os.path.basename(others[-1])[:-5]


def kill_at(call, at):
    """Sends a mail with a vmt that is killed at a call, goes on as a person would, and says whether it was killed."""
    folder = workspace(f"kill-{call}-{at}")
    with open(f"{folder}/advisories/{document}.yaml", "w") as file:
        file.write(ADVISORY)
    # Without a signature: gpg's processes are not what is killed here.
    with open(f"{folder}/vmt.toml") as file:
        toml = file.read().replace('name = "announce-oss-security"\n', 'name = "announce-oss-security"\nsigned = false\n', 1)
    with open(f"{folder}/vmt.toml", "w") as file:
        file.write(toml)
    args = [vmt, "-C", folder, "mail", "send", document, "--kind", "announce-oss-security", "--yes", document, *PUBLIC]
    before = len(arrived())
    done = run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                f"inject={call}:signal=SIGKILL:when={at}", *args], env=environment, check=False)
    again = run(args, env=environment, check=False)
    listed = run([vmt, "-C", folder, "mail", "outbox", "--format", "json"], env=environment)
    state = json.loads(listed.stdout)["messages"][0]["state"]
    if state == "unknown":
        outcomes["unknown, settled by the maildir"] += 1
        time.sleep(1.5)
        there = len(arrived()) > before
        name = f"{document}.announce-oss-security.1"
        run([vmt, "-C", folder, "mail", "outbox", "settle", name, "--sent" if there else "--not-sent"], env=environment)
        run([vmt, "-C", folder, "mail", "outbox", "retry"], env=environment)
    else:
        expect(state == "sent" and again.returncode == 0, f"kill at {call} {at}: {state}\n{again.stderr}")
        outcomes["sent"] += 1
    wait_for(before + 1)
    time.sleep(0.1)
    expect(len(arrived()) == before + 1, f"kill at {call} {at}: {len(arrived()) - before} copies")
    shutil.rmtree(folder)
    return done.returncode != 0


for call in CALLS:
    at = 1
    # Files are opened by the hundred before there is an outbox; every third will do.
    while kill_at(call, at):
        kills += 1
        at += 3 if call == "openat" else 1
expect(kills > 40, f"{kills} kills are enough to reach every step")
print("killed at %d points of a delivery: %s; every mail arrived once" % (kills, outcomes))

# A disk that is full at any moment: what is in the outbox stays readable, and goes out when there is room.
shutil.rmtree(f"{maildir}/box", ignore_errors=True)
full = 0
for size in range(4, 200, 4):
    folder = workspace(f"full-{size}")
    with open(f"{folder}/advisories/{document}.yaml", "w") as file:
        file.write(ADVISORY)
    os.mkdir(f"{folder}/.vmt-outbox")
    run(["mount", "-t", "tmpfs", "-o", f"size={size}k,mode=0700", "tmpfs", f"{folder}/.vmt-outbox"])
    args = [vmt, "-C", folder, "mail", "send", document, "--kind", "announce", "--yes", document, *PUBLIC]
    before = len(arrived())
    done = run(args, env=environment, check=False)
    if done.returncode:
        full += 1
        expect("cannot" in done.stderr and "panicked" not in done.stderr, f"full at {size}k: {done.stderr}")
        time.sleep(0.3)
        listed = run([vmt, "-C", folder, "mail", "outbox", "--format", "json"], env=environment)
        states = [message["state"] for message in json.loads(listed.stdout)["messages"]]
        run(["mount", "-o", "remount,size=10m", f"{folder}/.vmt-outbox"])
        if states == ["unknown"]:
            run([vmt, "-C", folder, "mail", "outbox", "settle", f"{document}.announce.1", "--sent" if len(arrived()) > before else "--not-sent"], env=environment)
        again = run(args, env=environment, check=False)
        expect(again.returncode == 0, f"full at {size}k, then room: {again.stderr}")
    wait_for(before + 2)
    time.sleep(0.2)
    expect(len(arrived()) == before + 2, f"full at {size}k: {len(arrived()) - before} copies for 2 lists")
    run(["umount", f"{folder}/.vmt-outbox"])
    if not done.returncode:
        break
print("the disk was full at %d points; every mail arrived once" % full)

if failures:
    sys.exit("%d failures; see %s" % (len(failures), work))
print("mail: all passed")
