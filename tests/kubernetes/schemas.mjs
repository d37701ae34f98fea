// Whether documents are what the API says, without a server: types and fields by the compiler (a field that does not exist
// is an error, unlike in a JSON schema), bounds and patterns by the models' own validation. CloudNativePG's kinds have no
// models; what we use of them is written down in cloudnative_pg.d.ts.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { idOf } from './documents.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(here, '../node_modules');

function moduleOf({ apiVersion, kind }) {
  const group = apiVersion.split('/')[0];
  if (group === 'postgresql.cnpg.io') return { module: path.join(here, 'cloudnative_pg'), type: kind };
  const library = group === 'cert-manager.io' ? '@kubernetes-models/cert-manager' : 'kubernetes-models';
  return { module: `${library}/${apiVersion}/${kind}`, type: `I${kind}`, hasModel: true };
}

// A source file of which every document is a line, as a literal of its kind's type.
function sourceOf(documents) {
  return documents.map((document, index) => {
    const { module, type } = moduleOf(document);
    return `export const d${index}: import(${JSON.stringify(module)}).${type} = ${JSON.stringify(document)};\n`;
  }).join('');
}

function mistyped(documents) {
  const file = path.join(modules, `.manifests-${process.pid}-${Math.random().toString(36).slice(2)}.ts`);
  fs.writeFileSync(file, sourceOf(documents));
  try {
    const program = ts.createProgram([file], { noEmit: true, strict: true, skipLibCheck: true, types: [],
      module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, target: ts.ScriptTarget.ES2022 });
    return ts.getPreEmitDiagnostics(program).map(({ file: source, start, messageText }) => {
      const document = source ? documents[source.getLineAndCharacterOfPosition(start).line] : undefined;
      return `${document ? idOf(document) : 'all'}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  } finally {
    fs.rmSync(file);
  }
}

async function unsound(documents) {
  const problems = [];
  for (const document of documents) {
    const { module, hasModel } = moduleOf(document);
    if (!hasModel) continue;
    try {
      const { [document.kind]: Model } = await import(module);
      new Model(document).validate();
    } catch (error) {
      problems.push(`${idOf(document)}: ${error.message}`);
    }
  }
  return problems;
}

export async function invalid(documents) {
  return [...mistyped(documents), ...(await unsound(documents))];
}
