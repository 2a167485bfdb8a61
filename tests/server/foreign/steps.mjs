// Runs steps one after another and prints, as JSON, what each gave or the error that it was refused with.

export async function run(steps) {
  const found = {};
  for (const [name, step] of Object.entries(steps)) {
    try {
      found[name] = (await step(found)) ?? null;
    } catch (error) {
      found[name] = refused(error);
    }
  }
  process.stdout.write(JSON.stringify(found));
}

export function refused(error) {
  if (Array.isArray(error)) return error.map(refused);
  if (!(error instanceof Error)) return error;
  // In a batch the error is told as it stands in the body.
  const { code, message, target, innererror } = error.error ?? error;
  const { status } = error;
  return { refused: { status, code, message, target, hint: innererror?.hint, kind: error.constructor.name } };
}
