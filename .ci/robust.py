#!/usr/bin/env python3
"""Stops vmt at random moments and takes the world away from it: the last good output stays whole.

First at least RUNS runs (500 unless given) of build, releases, import and outbox that a SIGKILL or SIGINT ends, at a
random moment of their time or at a random call of the system, as strace injects it. After each: what is published is
byte for byte what was published before or what the finished run publishes; releases.lock is the old or the new one; a
note that is imported is whole or absent; no source is touched; a mail went out at most once, and never without vmt
saying so or saying that nobody knows. The next run of each succeeds, and nothing is left that no run needs.

Then one fault at a time: disks of many sizes, read-only folders, files and file systems, missing permission (as
another user: root is refused nothing), clocks and times of files that jump, and several vmt at once. Each failure
ends with the exit code of the design, says what, where, why and how to mend it, and leaves everything as it was.

Everything that happens by chance follows from SEED. Has to be root, for disks of its own and for another user.

usage: robust.py VMT SHARED REAL_WORKSPACE [RUNS [SEED]]"""
import atexit, collections, glob, hashlib, http.client, json, os, random, re, shutil, signal, socket, socketserver, subprocess, sys
import tempfile, threading, time

vmt, shared, real = (os.path.realpath(path) for path in sys.argv[1:4])
RUNS = int(sys.argv[4]) if len(sys.argv) > 4 else 500
SEED = int(sys.argv[5]) if len(sys.argv) > 5 else 20261126
chance = random.Random(SEED)
# How often several vmt are started at once: as thorough as the rest.
ROUNDS = max(3, RUNS // 40)
NOW = "2026-11-26T12:00:00Z"
# Histories that are small, and that documents of the corpus name.
PRODUCTS = ["os-vif", "oslo.middleware", "glance_store", "python-swiftclient", "cyborg"]
if os.getuid() != 0:
    sys.exit("robust.py has to be root: it makes disks of its own, and becomes another user")
for program in ("strace", "faketime", "setpriv", "mount", "git", "zstd"):
    if not shutil.which(program):
        sys.exit(f"robust.py needs {program}")

work = tempfile.mkdtemp(prefix="vmt-robust-")
os.chmod(work, 0o755)
failures = collections.Counter()
mounted = []


def clean_up():
    for folder in mounted:
        subprocess.run(["umount", "-l", folder], capture_output=True)
    if not failures:
        shutil.rmtree(work, ignore_errors=True)


atexit.register(clean_up)
# Who runs in the background ignores it, and so would all that is started here.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
# The program as another user finds it, whoever owns the folder that it was built in.
program = os.path.join(work, "vmt")
shutil.copy(vmt, program)
os.chmod(program, 0o755)
temporary = os.path.join(work, "tmp")
os.mkdir(temporary)
os.chmod(temporary, 0o777)
environment = {"PATH": os.environ["PATH"], "HOME": work, "TMPDIR": temporary, "VMT_NOW": NOW, "LC_ALL": "C",
               "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_COUNT": "1",
               "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
               "VMT_MAIL_FROM": "A Coordinator <coordinator@example.org>"}


def expect(truth, group, what):
    """Notes a failure, and shows the first few of a group."""
    if not truth:
        failures[group] += 1
        if failures[group] <= 5:
            print(f"FAIL {group}: {what}", flush=True)
    return truth


def run(args, before=(), env=None, **more):
    return subprocess.run([*before, *args], env=env or environment, capture_output=True, text=True, timeout=120, **more)


def must(args, **more):
    done = run(args, **more)
    if done.returncode:
        sys.exit("%s\n%s%s" % (" ".join(args), done.stdout, done.stderr))
    return done


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb" if isinstance(data, bytes) else "w") as file:
        file.write(data)


def tree(folder, *without):
    """A digest of every file below a folder by its path, and every folder; nothing where there is none."""
    found = {}
    for root, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(root, name)
            short = os.path.relpath(path, folder)
            if any(short == one or short.startswith(one + "/") for one in without):
                continue
            if os.path.islink(path):
                found[short] = "link"
            else:
                found[short] = "folder" if os.path.isdir(path) else hashlib.sha256(read(path)).hexdigest()
    return found


def differences(a, b):
    """What differs between two trees, in a few words."""
    return sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))[:4]


def rubbish(folder):
    """Files and folders that a finished run has no use for."""
    kept = re.compile(r"(^|/)(\.vmt-cache(/\.gitignore|/[^/]+(/(manifest|lock|older(/.*)?|kept(/[0-9a-f]{32})?))?)?"
                      r"|\.vmt-outbox(/(\.gitignore|secret|\.lock-[^/]+|[^./][^/]*(/[^./]+\.[a-z]+)?))?|\.vmt-output|\.gitignore"
                      r"|\.vmt-clones(/.*)?)$")
    hidden = [name for name in tree(folder, "clones", "origin", "public") if re.search(r"(^|/)\.", name)]
    left = [name for name in hidden if not kept.search(name)]
    return left + [os.path.join("TMPDIR", name) for name in os.listdir(temporary)]


# A server for mails that takes its time, so that a kill can fall between any two steps.
arrived = collections.Counter()


class Mails(socketserver.StreamRequestHandler):
    def handle(self):
        def answer(line):
            time.sleep(0.003)
            self.wfile.write(line.encode() + b"\r\n")

        try:
            answer("220 ready")
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    answer("354 go on")
                    text = b""
                    while (line := self.rfile.readline()) and line != b".\r\n":
                        text += line
                    if line:
                        # From here on the server has it, whatever becomes of its answer.
                        arrived[re.search(rb"(?mi)^message-id:\s*(\S+)", text).group(1).decode()] += 1
                        answer("250 taken")
                elif verb == b"QUIT":
                    answer("221 bye")
                    return
                else:
                    answer("250 yes")
        except OSError:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


server = Server(("127.0.0.1", 0), Mails)
threading.Thread(target=server.serve_forever, daemon=True).start()

KIND = f"""
[[mail.kinds]]
name = "plain"
documents = ["advisory"]
state = "public"
to = ["openstack-announce", "openstack-discuss"]
template = "mail/advisory.txt"
subject = "{{{{ mail.headline }}}}"
signed = false

[mail.smtp]
host = "127.0.0.1"
port = {server.server_address[1]}
encryption = "none"
retry-after = 0

# Addresses that"""


def make_workspace(folder):
    """A small workspace of real documents, with histories, clones of them, and a lock."""
    must([program, "-q", "init", folder])
    names = [os.path.basename(path) for path in sorted(glob.glob(f"{real}/advisories/*.yaml"))]
    chosen = set(names[::8]) | {name for name in names if re.search(
        "product: *['\"]?(%s)" % "|".join(map(re.escape, PRODUCTS)), open(f"{real}/advisories/{name}").read())}
    for name in chosen:
        shutil.copy(f"{real}/advisories/{name}", f"{folder}/advisories")
    for path in sorted(glob.glob(f"{real}/notes/*.yaml"))[::12]:
        shutil.copy(path, f"{folder}/notes")
    with open(f"{folder}/vmt.toml") as file:
        toml = file.read().replace("# Addresses that", KIND, 1)
    for product in PRODUCTS:
        origin = f"{folder}/origin/{product}.git"
        must(["git", "init", "-q", "--bare", origin])
        packed = subprocess.run(["zstd", "-dcq", "--long=27", f"{shared}/histories/{product}.fi.zst"], capture_output=True, check=True)
        subprocess.run(["git", "-C", origin, "fast-import", "--done", "--quiet"], input=packed.stdout, check=True, env=environment)
        must(["git", "-C", origin, "config", "uploadpack.allowFilter", "true"])
        toml = re.sub(r'(name = "%s"\n(?:(?:title|pypi) = .*\n)*)repository = .*' % re.escape(product), r'\1repository = "file://%s"' % origin, toml)
    write(f"{folder}/vmt.toml", toml)
    must([program, "-q", "-C", folder, "releases", "sync", "--clones", f"{folder}/clones", *PRODUCTS])
    must([program, "-q", "-C", folder, "releases", "resolve", "--clones", f"{folder}/clones"])
    must([program, "-q", "-C", folder, "build"])


print("seed", SEED, flush=True)
base = os.path.join(work, "base")
make_workspace(base)


def copy_of_base(name):
    """A workspace of its own. Links to histories are enough: nobody writes into those."""
    folder = os.path.join(work, name)
    shutil.copytree(base, folder, symlinks=True, ignore=shutil.ignore_patterns("origin", ".vmt-cache", "public", "clones"))
    os.symlink(f"{base}/clones", f"{folder}/clones")
    return folder


def advisories(folder):
    return sorted(glob.glob(f"{folder}/advisories/*.yaml"))


def edit(path, word):
    """Puts a word into a document, in a place that is on its page and in feeds."""
    with open(path) as file:
        text = file.read()
    write(path, re.sub(r"(?m)^title: (['\"]?)", rf"title: \g<1>{word} ", re.sub(r"(?m)^(title: ['\"]?)Edited\d+ ", r"\1", text), count=1))


def fresh_tree(folder):
    """What a build from nothing publishes."""
    cold = os.path.join(work, "cold")
    shutil.rmtree(cold, ignore_errors=True)
    must([program, "-q", "-C", folder, "build", "--fresh", "--out", f"{cold}/public"])
    return tree(f"{cold}/public")


# --- kills ---------------------------------------------------------------------------------------------------------

CALLS = ["openat", "write", "rename", "renameat2", "fsync", "mkdir", "linkat", "unlink", "unlinkat", "flock", "sendto", "recvfrom"]


def count_calls(args):
    """How often each thread of a run makes each call: strace counts the calls of each by itself."""
    log = os.path.join(work, "calls")
    wanted = ",".join("?" + call for call in CALLS)
    run(["strace", "-f", "-qq", "-o", log, "-e", f"trace={wanted}", "-e", "signal=none", *args])
    seen = collections.Counter()
    for line in open(log, errors="replace"):
        if match := re.match(r"(\d+) +(\w+)\(", line):
            seen[match.groups()] += 1
    return [(call, times) for (_, call), times in seen.items()]


def stop_by_time(args, what, lasts):
    """Starts a run and ends it after a random part of its time. A SIGINT goes to the whole group, as from a terminal."""
    child = subprocess.Popen(args, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        child.wait(chance.uniform(0, lasts))
    except subprocess.TimeoutExpired:
        pass
    alone = what == signal.SIGKILL and chance.random() < 0.5
    try:
        os.kill(child.pid, what) if alone else os.killpg(child.pid, what)
    except ProcessLookupError:
        pass
    code = child.wait()
    return code != 0


def stop_at_call(args, what, calls):
    """Starts a run that ends at a random call."""
    kind = chance.choice(sorted({call for call, _ in calls}))
    call, times = chance.choice([one for one in calls if one[0] == kind])
    at = chance.randint(1, times)
    child = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", "signal=none", "-e",
                              f"inject={call}:signal={what.name}:when={at}", *args], env=environment,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        return child.wait(60) != 0
    except subprocess.TimeoutExpired:
        # A strace that lost its child waits for ever; the whole group is stopped then.
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        print(f"a run stopped at {call} {at} had to be stopped again: {' '.join(args[3:6])}", flush=True)
        return True


class Work:
    """A command that is stopped over and over."""
    share = 1

    def __init__(self, name):
        self.folder = copy_of_base(name)

    def vmt(self, *args):
        return [program, "-q", "-C", self.folder, *args]

    def begin(self):
        """Brings the workspace to where a run has something to do."""

    def judge(self, group):
        """Looks at what a stopped run left, lets it go on to its end, and looks again."""

    def sources(self):
        return tree(self.folder, "public", ".vmt-cache", "clones", "origin", "releases.lock", ".vmt-outbox", "sent", ".vmt-clones",
                    *(name for name in os.listdir(self.folder) if name.startswith(".vmt-build-")))


class Build(Work):
    share = 4

    def __init__(self, name, cold=False):
        super().__init__(name)
        self.cold, self.turn = cold, 0
        self.args = self.vmt("build", *(["--fresh"] if cold else []))
        must(self.vmt("build"))
        self.good = tree(f"{self.folder}/public")

    def begin(self):
        self.turn += 1
        for _ in range(chance.randint(1, 3)):
            edit(chance.choice(advisories(self.folder)), f"Edited{chance.randint(100, 999)}")
        self.before = self.sources()

    def judge(self, group):
        left = tree(f"{self.folder}/public")
        again = run(self.vmt("build"))
        expect(again.returncode == 0, group, f"the next build fails: {again.stderr}")
        finished = tree(f"{self.folder}/public")
        expect(left in (self.good, finished), group, f"a mix: {differences(left, self.good)} and {differences(left, finished)}")
        now = self.sources()
        expect(now == self.before, group, f"sources changed: {differences(now, self.before)}")
        if self.turn % 10 == 0:
            whole = fresh_tree(self.folder)
            expect(finished == whole, group, f"not as from nothing: {differences(finished, whole)}")
        self.good = finished


class First(Work):
    """The first build: there is nothing, or the whole."""
    share = 1

    def __init__(self, name):
        super().__init__(name)
        self.args = self.vmt("build")
        self.whole = fresh_tree(self.folder)

    def begin(self):
        for name in ("public", ".vmt-cache"):
            shutil.rmtree(f"{self.folder}/{name}", ignore_errors=True)

    def judge(self, group):
        left = tree(f"{self.folder}/public")
        expect(left in ({}, self.whole), group, f"a part: {differences(left, self.whole)}")
        again = run(self.args)
        expect(again.returncode == 0 and tree(f"{self.folder}/public") == self.whole, group, f"the next build: {again.stderr}")


class Resolve(Work):
    share = 3

    def __init__(self, name):
        super().__init__(name)
        self.lock = f"{self.folder}/releases.lock"
        self.args = self.vmt("releases", "resolve", "--all", "--clones", f"{self.folder}/clones")
        must(self.args)
        self.new = read(self.lock)
        # One product less is an old lock.
        old = json.loads(self.new)
        del old["products"]["os-vif"]
        for products in old["documents"].values():
            products.pop("os-vif", None)
        self.old = (json.dumps(old, indent=2) + "\n").encode()
        assert self.old != self.new

    def begin(self):
        self.first = chance.random() < 0.2
        write(self.lock, self.old) if not self.first else os.path.exists(self.lock) and os.remove(self.lock)
        self.before = self.sources()

    def judge(self, group):
        left = read(self.lock) if os.path.exists(self.lock) else b""
        expect(left in (self.new, b"" if self.first else self.old), group, "releases.lock is neither old nor new")
        again = run(self.args)
        expect(again.returncode == 0 and read(self.lock) == self.new, group, f"the next resolve: {again.stderr}")
        expect(self.sources() == self.before or rubbish(self.folder), group, "sources changed")


class Sync(Work):
    """Fetching: what is resolved after the next one is right, and the clones are whole."""
    share = 1

    def __init__(self, name):
        super().__init__(name)
        self.clones = f"{self.folder}/.vmt-clones"
        self.args = self.vmt("releases", "sync", *PRODUCTS)
        self.lock = read(f"{self.folder}/releases.lock")

    def begin(self):
        kind = chance.random()
        if kind < 0.4:
            shutil.rmtree(self.clones, ignore_errors=True)
        elif os.path.isdir(self.clones):
            # A clone that has something to fetch.
            for product in PRODUCTS:
                clone = f"{self.clones}/{product}.git"
                tags = run(["git", "-C", clone, "tag"]).stdout.split()
                if tags:
                    run(["git", "-C", clone, "tag", "-d", *tags[-3:]])

    def judge(self, group):
        again = run(self.args)
        # The git of a killed vmt may still be at work: then it says so, and is let go on.
        for _ in range(20):
            if again.returncode == 0 or "lock" not in again.stderr:
                break
            time.sleep(0.2)
            again = run(self.args)
        if not expect(again.returncode == 0, group, f"the next sync fails: {again.stderr}"):
            shutil.rmtree(self.clones, ignore_errors=True)
            return
        for product in PRODUCTS:
            checked = run(["git", "-C", f"{self.clones}/{product}.git", "fsck", "--connectivity-only", "--no-dangling"])
            expect(checked.returncode == 0 or "promisor" in checked.stderr, group, f"{product}: {checked.stderr[:300]}")
        done = run(self.vmt("releases", "resolve", "--all", "--check"))
        expect(done.returncode == 0, group, f"what is resolved differs: {done.stderr}")


class Import(Work):
    share = 3

    def __init__(self, name):
        super().__init__(name)
        texts = sorted(glob.glob(f"{shared}/corpus/ossn/OSSN-*"))[2:40:3]
        self.names = [f"{self.folder}/notes/{os.path.basename(path)}.yaml" for path in texts]
        for path in self.names:
            os.path.exists(path) and os.remove(path)
        self.plain = self.vmt("import", "ossn", "--date", "2014-08-11", *texts)
        self.args = self.plain
        must(self.plain)
        self.whole = {path: read(path) for path in self.names}

    def begin(self):
        self.force = chance.random() < 0.3
        self.args = self.plain + (["--force"] if self.force else [])
        for path in self.names:
            write(path, "id: old\n") if self.force else os.path.exists(path) and os.remove(path)
        self.before = tree(self.folder, "clones", *(os.path.relpath(path, self.folder) for path in self.names))

    def judge(self, group):
        for path in self.names:
            old = b"id: old\n" if self.force else b""
            left = read(path) if os.path.exists(path) else b""
            expect(left in (old, self.whole[path]), group, f"{os.path.basename(path)} has {len(left)} bytes")
        again = run(self.args)
        expect(again.returncode == 0, group, f"the next import: {again.stderr}")
        now = {path: read(path) for path in self.names if os.path.exists(path)}
        expect(now == self.whole, group, "the next import is not whole")
        after = tree(self.folder, "clones", *(os.path.relpath(path, self.folder) for path in self.names))
        lost = [name for name in self.before if after.get(name) != self.before[name]]
        expect(not lost, group, f"lost or changed: {lost}")


class Mail(Work):
    share = 4
    outcomes = collections.Counter()

    def __init__(self, name):
        super().__init__(name)
        self.documents = [os.path.basename(path)[:-5] for path in advisories(self.folder)]
        self.begin()

    def begin(self):
        for name in (".vmt-outbox", "sent"):
            shutil.rmtree(f"{self.folder}/{name}", ignore_errors=True)
        arrived.clear()
        self.document = chance.choice(self.documents)
        allowed = [word for rule in ("check-errors", "before-disclosure", "thread-unknown") for word in ("--allow", rule)]
        self.send = self.vmt("mail", "send", self.document, "--kind", "plain", "--yes", self.document, *allowed)
        self.args = self.send
        if chance.random() < 0.5:
            must([*self.send, "--queue-only"])
            self.args = self.vmt("mail", "outbox", "retry")

    def listed(self):
        return json.loads(must(self.vmt("mail", "outbox", "--format", "json")).stdout)["messages"]

    def judge(self, group):
        time.sleep(0.02)
        again = run(self.send)
        listed = self.listed()
        if not expect(len(listed) == 1, group, f"{len(listed)} messages in the outbox: {again.stderr}"):
            return
        message = listed[0]
        copies = arrived[message["message_id"]]
        if message["state"] == "unknown":
            self.outcomes["unknown"] += 1
            expect(again.returncode == 3 and copies <= 1, group, f"unknown, code {again.returncode}, {copies} copies")
            must(self.vmt("mail", "outbox", "settle", message["name"], "--sent" if copies else "--not-sent"))
            run(self.vmt("mail", "outbox", "retry"))
        else:
            self.outcomes["sent"] += 1
            expect(message["state"] == "sent" and again.returncode == 0, group, f"{message['state']}: {again.stderr}")
        expect(arrived[message["message_id"]] == 1, group, f"{arrived[message['message_id']]} copies arrived")
        expect(sum(arrived.values()) == 1, group, f"{dict(arrived)}")
        sent = glob.glob(f"{self.folder}/sent/*/*.json")
        expect(len(sent) == 1 and self.listed()[0]["state"] == "sent", group, f"the ledger has {sent}")
        ignored = read(f"{self.folder}/.vmt-outbox/.gitignore")
        expect(ignored == b"*\n", group, f"git is told to ignore {ignored} of the outbox")


def kill_everything():
    works = {"build after an edit": Build("warm"), "build --fresh": Build("cold-build", cold=True), "first build": First("first"),
             "releases resolve": Resolve("resolve"), "releases sync": Sync("sync"), "import ossn": Import("import"),
             "mail send and outbox retry": Mail("mail")}
    lasts, calls = {}, {}
    for name, one in works.items():
        times = []
        for _ in range(3):
            one.begin()
            start = time.monotonic()
            must(one.args)
            times.append(time.monotonic() - start)
            one.judge(name)
        lasts[name] = sorted(times)[1]
        one.begin()
        calls[name] = count_calls(one.args)
        one.judge(name)
    total = sum(one.share for one in works.values())
    table = collections.defaultdict(collections.Counter)
    for name, one in works.items():
        wanted, turn = -(-RUNS * one.share // total), 0
        # A run that was done before its end came is judged, and not counted.
        while table[name]["stopped"] < wanted and turn < 3 * wanted:
            turn += 1
            one.begin()
            what = signal.SIGKILL if turn % 3 else signal.SIGINT
            how = "by time" if turn % 2 else "at a call"
            if how == "by time":
                stopped = stop_by_time(one.args, what, lasts[name])
                # The machine is not always as busy as when it was measured.
                lasts[name] *= 1.03 if stopped else 0.85
            else:
                stopped = stop_at_call(one.args, what, calls[name])
            for column in (what.name, how, "stopped") if stopped else ("done before",):
                table[name][column] += 1
            before = sum(failures.values())
            one.judge(f"{name}, {what.name}, {how}")
            table[name]["gone wrong"] += sum(failures.values()) > before
        # What stopped runs left goes with the next one.
        run(one.vmt("build"))
        left = rubbish(one.folder)
        expect(not left, f"{name}: rubbish", f"{len(left)} left, such as {left[:3]}")
        print(f"{name}: {dict(table[name])}, {len(left)} pieces of rubbish", flush=True)
        for path in os.listdir(temporary):
            os.remove(f"{temporary}/{path}") if os.path.isfile(f"{temporary}/{path}") else shutil.rmtree(f"{temporary}/{path}")
    stopped = sum(counts["stopped"] for counts in table.values())
    expect(stopped >= RUNS, "kills", f"only {stopped} runs were stopped")
    print("%d runs stopped, %d done before; mails: %s" % (stopped, sum(counts["done before"] for counts in table.values()), dict(Mail.outcomes)), flush=True)


# --- one fault at a time --------------------------------------------------------------------------------------------

def plain(folder, *args):
    return [program, "-C", folder, *args]


TEXTS = sorted(glob.glob(f"{shared}/corpus/ossn/OSSN-*"))[2:40:3]
IMPORTED = [os.path.basename(path) + ".yaml" for path in TEXTS]
ALLOWED = [word for rule in ("check-errors", "before-disclosure", "thread-unknown") for word in ("--allow", rule)]
DOCUMENT = os.path.basename(advisories(base)[-1])[:-5]


def old_lock(folder, *products):
    """Takes products out of the lock."""
    lock = json.loads(read(f"{base}/releases.lock"))
    for product in products:
        del lock["products"][product]
        for entries in lock["documents"].values():
            entries.pop(product, None)
    write(f"{folder}/releases.lock", json.dumps(lock, indent=2) + "\n")


def without_notes(folder):
    for name in IMPORTED:
        os.path.exists(f"{folder}/notes/{name}") and os.remove(f"{folder}/notes/{name}")


# What writes: a name, what it needs beforehand, its arguments, and the folder that it writes into.
TASKS = [
    ("build", lambda folder: edit(advisories(folder)[3], "Edited555"), ["build"], "."),
    ("releases resolve", lambda folder: old_lock(folder, "os-vif"), ["releases", "resolve", "--clones", f"{base}/clones"], "."),
    ("import ossn", without_notes, ["import", "ossn", "--date", "2014-08-11", *TEXTS], "notes"),
    ("check --fix", lambda folder: None, ["check", "--fix"], "advisories"),
    ("new", lambda folder: None, ["new", "advisory", "--title", "A new one"], "advisories"),
    ("export osv", lambda folder: None, ["export", "osv", "--out", "exported"], "."),
    ("mail send", lambda folder: None, ["mail", "send", DOCUMENT, "--kind", "plain", "--yes", DOCUMENT, *ALLOWED], ".vmt-outbox"),
]
NOT_COMPARED = (".vmt-cache", ".vmt-outbox")
# `check --fix` has done its work when other findings are left.
DONE = {"check --fix": (0, 1)}


def whole(folder):
    """Every file but those of caches; a folder that was made for a file which never came is no harm."""
    found = tree(folder, "clones", *NOT_COMPARED)
    return {name: digest for name, digest in found.items() if digest != "folder"}


def says(done, group, code=3):
    """A failure of the world: what, where, why, and how to mend it."""
    message = re.search(r"(?m)^error: .*/.*: .+ \(os error \d+\)( at path .*)?\nhelp: .+", done.stderr)
    expect(done.returncode == code and "panicked" not in done.stderr and (code != 3 or message), group,
           f"exit {done.returncode}, {done.stdout[-200:]}{done.stderr[-400:]}")


def went_out(folder, group, number=1):
    """After the fault the mail is sent, once."""
    listed = json.loads(must(plain(folder, "mail", "outbox", "--format", "json")).stdout)["messages"]
    states = [message["state"] for message in listed]
    if states == ["unknown"]:
        there = arrived[listed[0]["message_id"]]
        must(plain(folder, "mail", "outbox", "settle", listed[0]["name"], "--sent" if there else "--not-sent"))
    run(plain(folder, *TASKS[-1][2]))
    expect(sum(arrived.values()) == number, group, f"{dict(arrived)}, {states}")


def mount(folder, size):
    os.makedirs(folder)
    done = run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", folder])
    if done.returncode:
        sys.exit(f"no disk can be mounted, so nothing is shown of full ones: {done.stderr}")
    mounted.append(folder)


def unmount(folder):
    must(["umount", folder])
    mounted.remove(folder)
    os.rmdir(folder)


def fill(folder):
    shutil.copytree(base, folder, symlinks=True, ignore=shutil.ignore_patterns("origin", "clones"), dirs_exist_ok=True)
    os.symlink(f"{base}/clones", f"{folder}/clones")


def full_disks():
    """Room for less and less: each task ends well, or says that the disk is full and leaves everything as it was."""
    counted = collections.Counter()
    for name, prepare, args, _ in TASKS:
        for room in (0, 4, 8, 16, 32, 64, 96, 128, 256, 512, 1024, 2048, 4096):
            folder, group = os.path.join(work, "full"), f"disk full, {name}"
            mount(folder, "256m")
            fill(folder)
            prepare(folder)
            arrived.clear()
            before = whole(folder)
            room_of = os.statvfs(folder)
            used = (room_of.f_blocks - room_of.f_bfree) * room_of.f_frsize // 1024
            must(["mount", "-o", f"remount,size={used + room}k", folder])
            done = run(plain(folder, *args), cwd=folder)
            fine = done.returncode in DONE.get(name, (0,)) and "os error" not in done.stderr
            counted["well" if fine else "full"] += 1
            if not fine:
                says(done, group)
                left = whole(folder)
                # A mail that went over is in the ledger, or will be.
                expect(left == before or name == "mail send", group, f"{room}k: {differences(left, before)}")
                must(["mount", "-o", "remount,size=256m", folder])
                again = run(plain(folder, *args), cwd=folder)
                expect(again.returncode in DONE.get(name, (0, 3)), group, f"with room again: {again.stderr}")
            if name == "mail send":
                must(["mount", "-o", "remount,size=256m", folder])
                went_out(folder, group)
            if name == "build":
                expect(tree(f"{folder}/public") == fresh_tree(folder), group, "the site after it")
            left = rubbish(folder)
            expect(not left, group, f"{room}k: rubbish {left[:3]}")
            unmount(folder)
            if fine:
                break
        else:
            expect(False, group, "no size is enough")
    print("full disks:", dict(counted), flush=True)


USER = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def own(folder, user=65534):
    for root, folders, files in os.walk(folder):
        for one in [root, *(os.path.join(root, name) for name in folders + files)]:
            os.lchown(one, user, user)


def refused_places():
    """A folder or a file of somebody else, a protected one, and a file system that is read-only."""
    counted = 0
    # Git reads no histories of other people.
    histories = os.path.join(work, "histories")
    shutil.copytree(f"{base}/clones", histories)
    own(histories)

    def as_user(folder, args):
        return run(plain(folder, *(histories if arg == f"{base}/clones" else arg for arg in args)), before=USER, cwd=folder)

    for name, prepare, args, place in TASKS:
        for fault in ("another's folder", "read-only folder", "read-only file system"):
            folder, group = os.path.join(work, "refused"), f"{fault}, {name}"
            shutil.rmtree(folder, ignore_errors=True)
            mount(folder, "256m")
            fill(folder)
            prepare(folder)
            os.makedirs(f"{folder}/{place}", exist_ok=True)
            own(folder)
            arrived.clear()
            if fault == "another's folder":
                for one in {f"{folder}/{place}", f"{folder}/.vmt-cache"}:
                    os.chown(one, 0, 0)
            elif fault == "read-only folder":
                for one in {f"{folder}/{place}", f"{folder}/.vmt-cache"}:
                    os.chmod(one, 0o555)
            else:
                must(["mount", "-o", "remount,ro", folder])
            before = tree(folder, "clones")
            done = run(plain(folder, *args), cwd=folder) if "system" in fault else as_user(folder, args)
            says(done, group)
            left = tree(folder, "clones")
            expect(left == before, group, f"{differences(left, before)}")
            expect(not arrived, group, "a mail went out")
            counted += 1
            unmount(folder)
    # Files that are protected, of which the folder is not; and files that cannot be read.
    for name, what, code in (("releases resolve", "releases.lock", 3), ("build", "public", 3), ("check --fix", "advisories/*", 3)):
        folder, group = copy_of_base("protected"), f"protected {what}, {name}"
        must(plain(folder, "build"))
        _, prepare, args, _ = next(task for task in TASKS if task[0] == name)
        prepare(folder)
        own(folder)
        for path in glob.glob(f"{folder}/{what}"):
            os.chmod(path, 0o555 if os.path.isdir(path) else 0o444)
        before = whole(folder)
        says(as_user(folder, args), group, code)
        left = whole(folder)
        expect(left == before, group, f"{differences(left, before)}")
        expect(not rubbish(folder), group, f"rubbish {rubbish(folder)[:3]}")
        counted += 1
        shutil.rmtree(folder)
    for what, code in (("advisories/*", 1), ("releases.lock", 1), ("vmt.toml", 2), ("advisories", 3), ("templates", None)):
        folder, group = copy_of_base("unreadable"), f"unreadable {what}, build"
        must(plain(folder, "build"))
        edit(advisories(folder)[3], "Edited556")
        os.makedirs(f"{folder}/templates", exist_ok=True)
        own(folder)
        for path in glob.glob(f"{folder}/{what}"):
            os.chmod(path, 0)
        before = whole(folder)
        done = as_user(folder, ["build"])
        expect(done.returncode in ((code,) if code is not None else (2, 3)) and "ermission denied" in done.stderr and "panicked" not in done.stderr,
               group, f"exit {done.returncode}: {done.stderr[-300:]}")
        left = whole(folder)
        expect(left == before, group, f"{differences(left, before)}")
        counted += 1
        for path in glob.glob(f"{folder}/{what}"):
            os.chmod(path, 0o755 if os.path.isdir(path) else 0o644)
        shutil.rmtree(folder)
    # A folder of an older build that somebody protected is made anew, and goes in the end.
    folder, group = copy_of_base("older"), "a protected folder of an older build"
    own(folder)
    for turn in range(4):
        edit(advisories(folder)[3], f"Edited{600 + turn}")
        os.chown(advisories(folder)[3], 65534, 65534)
        done = as_user(folder, ["build"])
        if turn == 1:
            for root, _, _ in os.walk(f"{folder}/.vmt-cache/public/older"):
                os.chmod(root, 0o555)
    done = as_user(folder, ["build"])
    expect(done.returncode == 0 and tree(f"{folder}/public") == fresh_tree(folder), group, done.stderr)
    expect(not rubbish(folder), group, f"{rubbish(folder)[:3]}")
    counted += 1
    print("refused places:", counted, flush=True)


def clocks():
    """A clock that is wrong, and one that jumps during a run; times of files that are wrong."""
    folder, counted = copy_of_base("clocks"), 0
    clockless = {name: value for name, value in environment.items() if name != "VMT_NOW"}
    wrapped = run(["faketime", "-f", "+0", "env"]).stdout
    library = re.search(r"(?m)^LD_PRELOAD=(.*)$", wrapped).group(1)
    moment = os.path.join(work, "moment")
    for turn, shift in enumerate(["+20y", "-20y", "+1s", "-1s", "+3650d", "-40y", "+0"]):
        edit(advisories(folder)[turn], f"Edited{700 + turn}")
        done = run(plain(folder, "build"), before=["faketime", "-f", shift], env=clockless)
        expect(done.returncode == 0, f"clock {shift}", done.stderr)
        expect(tree(f"{folder}/public") == fresh_tree(folder), f"clock {shift}", "the site is stale")
        counted += 1
    jumping = clockless | {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": moment, "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    for name, prepare, args, _ in TASKS:
        for turn in range(4):
            group = f"a clock that jumps, {name}"
            prepare(folder)
            arrived.clear()
            shutil.rmtree(f"{folder}/.vmt-outbox", ignore_errors=True)
            shutil.rmtree(f"{folder}/sent", ignore_errors=True)
            write(moment, "+0\n")
            child = subprocess.Popen(plain(folder, *args), env=jumping, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            while child.poll() is None:
                # In one step: half a line would be no time.
                write(moment + ".new", chance.choice(["+20y\n", "-20y\n", "-1d\n", "+1d\n", "+0\n"]))
                os.rename(moment + ".new", moment)
                time.sleep(0.005)
            out, talk = child.communicate()
            expect(child.returncode in DONE.get(name, (0, 3) if name == "mail send" else (0,)), group, f"exit {child.returncode}: {talk}")
            if name == "build":
                expect(tree(f"{folder}/public") == fresh_tree(folder), group, "the site is stale")
            if name == "releases resolve":
                expect(read(f"{folder}/releases.lock") == read(f"{base}/releases.lock"), group, "another lock")
            if name == "mail send":
                went_out(folder, group)
            counted += 1
    # Times of files say nothing about what is in them: an edit of the same length, with its time set back.
    for when in (86400, -86400 * 3650, 315532800, 4102444800):
        group = f"files of {when}"
        edit(advisories(folder)[5], "Edited801")
        for word in ("Edited802", "Edited803", "Edited804"):
            must(plain(folder, "build"))
            for root, folders, files in os.walk(folder):
                for one in folders + files:
                    os.utime(os.path.join(root, one), (when, when), follow_symlinks=False)
            edit(advisories(folder)[5], word)
            os.utime(advisories(folder)[5], (when, when))
            must(plain(folder, "build"))
            expect(tree(f"{folder}/public") == fresh_tree(folder), group, "the site is stale")
            counted += 1
    expect(not rubbish(folder), "clocks", f"rubbish {rubbish(folder)[:3]}")
    shutil.rmtree(folder)
    print("clocks:", counted, flush=True)


def at_once(commands, group, codes=(0,), gap=0.0):
    """Runs commands side by side, and returns how each ended."""
    children = []
    for command in commands:
        children.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        time.sleep(chance.uniform(0, gap))
    ends = []
    for child in children:
        out, talk = child.communicate(timeout=120)
        expect(child.returncode in codes and "panicked" not in talk, group, f"exit {child.returncode}: {talk[-300:]}")
        ends.append((child.returncode, out, talk))
    return ends


def several():
    """Two and more vmt in one workspace."""
    folder, counted = copy_of_base("several"), collections.Counter()
    for turn in range(ROUNDS):
        # Each build is started after an edit: whichever ends last, what the last edit says is published.
        group, children = "builds at once", []
        for part in range(3):
            edit(advisories(folder)[part], f"Edited{100 + turn * 10 + part}")
            children.append(subprocess.Popen(plain(folder, "build"), env=environment, stderr=subprocess.PIPE, text=True))
            time.sleep(chance.uniform(0, 0.15))
        for child in children:
            _, talk = child.communicate(timeout=120)
            expect(child.returncode == 0, group, talk)
        expect(tree(f"{folder}/public") == fresh_tree(folder), group, "the site is stale or a mix")
        counted[group] += 3
    for turn in range(ROUNDS // 2 + 1):
        group = "build and resolve at once"
        old_lock(folder, "os-vif")
        edit(advisories(folder)[0], f"Edited{300 + turn}")
        resolve = plain(folder, "releases", "resolve", "--clones", f"{base}/clones")
        at_once([resolve, plain(folder, "build")], group, gap=0.1)
        expect(read(f"{folder}/releases.lock") == read(f"{base}/releases.lock"), group, "another lock")
        must(plain(folder, "build"))
        expect(tree(f"{folder}/public") == fresh_tree(folder), group, "the site is stale or a mix")
        counted[group] += 2
    for turn in range(ROUNDS):
        group = "resolves of different products at once"
        pair = ["os-vif", "glance_store"]
        old_lock(folder, *pair)
        commands = [plain(folder, "releases", "resolve", "--clones", f"{base}/clones", product) for product in pair]
        ends = at_once(commands, group, (0, 3))
        for (code, _, talk), command in zip(ends, commands):
            expect(code == 0 or "meanwhile" in talk and "help:" in talk, group, talk)
            if code:
                counted["said that the lock had changed"] += 1
                must(command)
        expect(read(f"{folder}/releases.lock") == read(f"{base}/releases.lock"), group, "one is lost")
        counted[group] += 2
    without_notes(folder)
    must(plain(folder, *TASKS[2][2]))
    imported = {name: read(f"{folder}/notes/{name}") for name in IMPORTED}
    for turn in range(ROUNDS):
        group = "imports at once"
        without_notes(folder)
        more = ["--force"] if turn % 3 == 0 else []
        at_once([plain(folder, *TASKS[2][2], *more)] * 3, group)
        expect({name: read(f"{folder}/notes/{name}") for name in IMPORTED if os.path.exists(f"{folder}/notes/{name}")} == imported, group,
               "a note is missing or not whole")
        counted[group] += 3
    for turn in range(ROUNDS):
        group = "sends at once"
        arrived.clear()
        for name in (".vmt-outbox", "sent"):
            shutil.rmtree(f"{folder}/{name}", ignore_errors=True)
        commands = [plain(folder, *TASKS[-1][2])] * 2
        if turn % 2:
            must([*commands[0], "--queue-only"])
            commands += [plain(folder, "mail", "outbox", "retry")] * 2
        ends = at_once(commands, group, (0, 3), gap=0.05)
        for code, _, talk in ends:
            expect(code == 0 or "another vmt is at work" in talk and "help:" in talk, group, talk)
        counted["said that another is at work"] += sum(code == 3 for code, _, _ in ends)
        went_out(folder, group)
        counted[group] += len(commands)
    for turn in range(4):
        # Who looks is in nobody's way.
        group = "a send beside lists of the outbox"
        arrived.clear()
        for name in (".vmt-outbox", "sent"):
            shutil.rmtree(f"{folder}/{name}", ignore_errors=True)
        must([*plain(folder, *TASKS[-1][2]), "--queue-only"])
        at_once([plain(folder, "mail", "outbox")] * 5 + [plain(folder, *TASKS[-1][2])] + [plain(folder, "mail", "outbox")] * 5, group, gap=0.02)
        went_out(folder, group)
        counted[group] += 11
    for turn in range(ROUNDS // 2 + 1):
        group = "new documents at once"
        before = whole(folder)
        ends = at_once([plain(folder, "new", "advisory", "--title", f"Title {part}") for part in range(3)], group, (0, 2))
        made = whole(folder).keys() - before.keys()
        expect(len(made) == sum(code == 0 for code, _, _ in ends) and made, group, f"{made} of {[code for code, _, _ in ends]}")
        expect(all(before[name] == digest for name, digest in whole(folder).items() if name in before), group, "one was overwritten")
        expect(all(code == 0 or "help:" in talk for code, _, talk in ends), group, str(ends))
        for name in made:
            os.remove(f"{folder}/{name}")
        counted[group] += 3
    group = "build and serve at once"
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    serve = plain(folder, "serve", "--addr", f"127.0.0.1:{port}")
    child = subprocess.Popen(serve, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def page():
        try:
            answer = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            answer.request("GET", "/")
            got = answer.getresponse()
            return got.status, got.read()
        except OSError:
            return 0, b""

    for _ in range(200):
        if page()[0] == 200:
            break
        time.sleep(0.05)
    second = run(serve)
    expect(second.returncode == 3 and "in use\nhelp:" in second.stderr, "two serves at one address", second.stderr)
    before = tree(f"{folder}/public")
    for turn in range(ROUNDS // 3 + 1):
        edit(advisories(folder)[0], f"Edited{400 + turn}")
        at_once([plain(folder, "build")] * 2, group)
        status, body = page()
        expect(status == 200 and b"</html>" in body, group, f"status {status}, {len(body)} bytes")
        expect(tree(f"{folder}/public") == fresh_tree(folder), group, "the site is stale or a mix")
        counted[group] += 2
    child.send_signal(signal.SIGINT)
    child.wait(20)
    expect(not rubbish(folder), "several", f"rubbish {rubbish(folder)[:3]}")
    shutil.rmtree(folder)
    print("several at once:", dict(counted), flush=True)


def main():
    parts = {"kills": kill_everything, "disks": full_disks, "places": refused_places, "clocks": clocks, "several": several}
    for name, part in parts.items():
        start = time.monotonic()
        part()
        print("%s took %.0f s" % (name, time.monotonic() - start), flush=True)
    if failures:
        for group, times in sorted(failures.items()):
            print("%5d  %s" % (times, group))
        sys.exit("%d failures; see %s" % (sum(failures.values()), work))
    print("robust: all passed")


main()
