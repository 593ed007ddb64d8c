// Notifications as they are wired: events as they come back from the log's order, receivers as the
// configuration names them.

import { counted } from "../base/count.ts";
import type { NotifyConfig } from "../config/notify.ts";
import { noticeOf } from "../control/notices.ts";
import type { EventSink, FilesPort } from "../control/ports.ts";
import type { NotifyReceiver } from "../control/ports-notify.ts";
import { event } from "../events/event.ts";
import type { Happened } from "../events/happened.ts";
import { Notifier } from "../outbound/notifier.ts";
import { sendNotice } from "../outbound/send-notice.ts";
import { realTime } from "./real-time.ts";

/** Tells receivers of what happens. */
export interface Notifications {
  heard(happened: Happened): void;
  close(): void;
}

/** @param past what happened before this thread began: it was told, and its troubles are open. */
export function openNotifications(
  config: readonly NotifyConfig[],
  past: readonly Happened[],
  { files, emit }: { readonly files: Pick<FilesPort, "read">; readonly emit: EventSink },
): Notifications {
  const notifier = new Notifier({
    receivers: config.map((each) => receiverOf(each, files)),
    time: realTime,
    send: (receiver, message) => sendNotice(receiver, message, realTime),
    reports: {
      failing: (receiver, detail, waiting) => {
        const msg = `Cannot tell "${receiver}": ${detail}; ${counted(waiting, "notice")} waiting`;
        emit(event("notify.failing", msg, { receiver, detail, waiting }));
      },
      recovered: (receiver, afterMs) => {
        const durationMs = Math.round(afterMs);
        emit(
          event("notify.recovered", `"${receiver}" takes notices again`, { receiver, durationMs }),
        );
      },
    },
  });
  const hear = (happened: Happened, isPast: boolean): void => {
    const notice = noticeOf(happened);
    if (notice !== undefined) notifier.notice(notice, isPast);
  };
  for (const happened of past) hear(happened, true);
  return { heard: (happened) => hear(happened, false), close: () => notifier.close() };
}

/** The receiver with its secret. One that cannot be read was complained about by `check`. */
function receiverOf(config: NotifyConfig, files: Pick<FilesPort, "read">): NotifyReceiver {
  const { to, ...rest } = config;
  if (to.kind === "exec") return { ...rest, to };
  const read = to.secretFile === undefined ? undefined : files.read(to.secretFile);
  const secret = read?.kind === "read" ? new TextDecoder().decode(read.bytes).trim() : undefined;
  return { ...rest, to: { kind: "webhook", url: to.url, secret } };
}
