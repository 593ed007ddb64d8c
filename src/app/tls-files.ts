// The certificate and key of DNS over TLS: read at the start, followed while the server runs. A bad
// renewal changes nothing: the certificate that worked goes on.

import { AppError, messageOf } from "../base/errors.ts";
import type { TlsConfig } from "../config/serving.ts";
import type { EventSink } from "../control/ports.ts";
import { event } from "../events/event.ts";
import { Files } from "../files/watch.ts";
import { secureContextOf, type TlsIdentity } from "../server/stream.ts";
import type { TlsListeners } from "../server/thread-mail.ts";
import { realTime } from "./real-time.ts";

/** A certificate file cannot be read; the message says which and why. */
class TlsFileError extends AppError {
  override readonly code = "TLS_FILE";
}

/** The files of one TLS identity. */
export class TlsFiles {
  readonly #config: TlsConfig;
  readonly #emit: EventSink;
  readonly #files = new Files({ time: realTime });
  readonly #first: TlsIdentity;

  /** @throws TlsFileError or ServerError when they cannot be used at the start. */
  constructor(config: TlsConfig, emit: EventSink) {
    this.#config = config;
    this.#emit = emit;
    this.#first = this.#read();
    secureContextOf(this.#first);
  }

  /** Where TLS is offered, with the identity of the start. */
  listeners(): TlsListeners {
    return { listen: this.#config.listen, identity: this.#first };
  }

  /** Hands over every later identity that can be used. */
  follow(use: (identity: TlsIdentity) => void): void {
    const { certificateFile: file, keyFile } = this.#config;
    this.#files.watch([file, keyFile], () => {
      try {
        use(this.#read());
        this.#emit(event("tls.loaded", `The certificate ${file} is in use`, { file }));
      } catch (error) {
        const detail = messageOf(error);
        const msg = `The new certificate is not taken: ${detail}; the old one goes on`;
        this.#emit(event("tls.rejected", msg, { file, detail }));
      }
    });
  }

  rescan(): void {
    this.#files.rescan();
  }

  close(): void {
    this.#files.close();
  }

  #read(): TlsIdentity {
    const { certificateFile, keyFile } = this.#config;
    return { certificatePem: this.#text(certificateFile), keyPem: this.#text(keyFile) };
  }

  #text(path: string): string {
    const read = this.#files.read(path);
    if (read.kind === "failed") throw new TlsFileError(read.message);
    return new TextDecoder().decode(read.bytes);
  }
}
