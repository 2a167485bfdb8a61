// What the TypeScript client does with a server: each line printed is one thing that the test looks at.
// Arguments: the package, the server, what loses answers of it.

const [, , entry, url, losing] = process.argv;
const d = await import(entry);
const client = new d.Client({ url, token: "ann" });

function show(name, value) {
  const text = JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}n` : each));
  console.log(`${name}: ${text ?? "nothing"}`);
}

async function refused(name, call) {
  try {
    show(name, await call());
  } catch (error) {
    const { status, code, message, target, details, run } = error;
    show(name, { kind: error.name, status, code, message, target, details: details?.map((each) => each.target), run: typeof run });
  }
}

const first = (await client.takeSample({ code: "S-1" })).made;
const values = {
  note: "it's 100% “ü” \\ / ? # & + \"quoted\"\n",
  count: 2n ** 62n,
  weight: "12345678.9012",
  price: "-0.0001",
  ready: true,
  madeOn: "2026-02-28",
  madeAt: "2026-11-24T09:30:00.123456Z",
  wait: "-P3DT2H0.000007S",
};
const taken = await client.takeSample({ code: "S-'2'/%", grade: d.Priority.high, parent: first, ...values });
show("taken", taken);
const row = await client.samples.get(new d.SampleByCode("S-'2'/%"));
show("same", Object.entries(values).filter(([name, value]) => row[name] !== value));
show("row", { id: row.id, grade: row.grade, parent: row.parent, made: row.etag !== null });
show("owner", (await client.users.get(row.owner)).email);
show("weighed", await client.weightOf({ first: taken.made, others: [row, new d.SampleByCode("S-1")], factor: "0.50" }));
show("above", await client.samplesOf({ grade: d.Priority.low }));
show("counted", await client.countAll([taken.made, new d.SampleByCode("S-1")], { step: -1 }));
show("touched", await client.touch(first));
const { ticket } = await client.escalate(new d.CaseByNumber("CAS-1"), { reason: "It burns" });
show("ticket", (await client.tasks.get(ticket)).subject);
const dated = (await client.takeSample({ code: "D", madeAt: new Date(Date.UTC(2026, 6, 1, 12)) })).made;
show("dated", (await client.samples.get(dated)).madeAt);

await refused("refused", () => client.escalate(new d.CaseByNumber("CAS-1"), { reason: " " }));
await refused("wrong", () => client.takeSample({ code: "x".repeat(21), weight: "100000000000000000000" }));
await refused("missing", () => client.touch(new d.SampleRef(99)));
await refused("nobody", () => new d.Client({ url }).touch(first));
await refused("unsafe", () => client.countUp(first, { step: 2 ** 60 }));
await refused("stale", () => client.countUp(row, {}, { expected: 'W/"0000000000000000"' }));
show("dry", [await client.countUp(first, { step: 5 }, { dryRun: true }), (await client.samples.get(first)).count]);
show("once", [await client.countUp(first, {}, { key: 'a "b" \\ c' }), await client.countUp(first, {}, { key: 'a "b" \\ c' })]);

const numbers = [];
for await (const each of client.cases.list({ orderBy: "number desc", pageSize: 2 })) numbers.push(each.number);
show("pages", numbers.join(" "));

// Three answers are lost, one by one: of an action, of a function, of a client that does not try again.
const lossy = new d.Client({ url: losing, apiKey: "ann" });
show("lost", [await lossy.countUp(first), (await client.samples.get(first)).count]);
show("asked", (await lossy.samplesOf({ grade: d.Priority.low })).total);
const impatient = new d.Client({ url: losing, apiKey: "ann", retries: 0 });
await refused("impatient", () => impatient.countUp(first));
show("acted", (await client.samples.get(first)).count);
await refused("elsewhere", async () => (await lossy.cases.list().next()).value);
await refused("aborted", () => client.countUp(first, {}, { signal: AbortSignal.abort(new Error("enough")) }));

// Background actions: the server goes on with them by itself.
const slow = (await client.takeSample({ code: "SLOW" })).made;
const failing = await client.countSlowly(slow, { step: 0 });
const started = await client.countSlowly(slow, { step: 2 });
show("started", { id: started.id, address: started.address });
show("waited", await started.wait({ timeout: 60_000 }));
show("again", await client.countSlowlyStarted(started.id).outcome());
await refused("failed", () => failing.wait({ timeout: 60_000 }));
show("not started", await client.countSlowlyDryRun(slow));
await refused("not to be started", () => client.countSlowlyDryRun(new d.SampleRef(99)));

const waiting = await client.countSlowly(slow, { pause: "PT2H" });
await refused("too long", () => waiting.wait({ timeout: 0 }));
let outcome = await waiting.outcome();
while (outcome.retryAfter <= 1000) outcome = await waiting.outcome(); // its first unit is not done
show("goes on", outcome);
const enough = new AbortController();
setTimeout(() => enough.abort(new Error("enough")), 1);
await refused("enough", () => waiting.wait({ signal: enough.signal }));
await waiting.cancel();
await refused("taken back", () => waiting.outcome());

const key = "count slowly";
const once = await lossy.countSlowly(slow, { pause: "PT2H" }, { key });
show("started once", once.id === (await client.countSlowly(slow, { pause: "PT2H" }, { key })).id);
const elsewhere = await lossy.countSlowly(slow);
show("asked here", [elsewhere.address.startsWith(losing), await elsewhere.outcome()]);
show("removed", await lossy.countSlowlyStarted(failing.id).cancel());
await refused("unsure", () => lossy.countSlowly(slow));
