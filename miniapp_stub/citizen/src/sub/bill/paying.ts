// Opening the cashier for one bill, and coming back from it: the same from the bill's page and from its code.
import { reactive } from "vue";
import { open } from "@/platform/pages";
import { openCashier, ownChannel } from "@/platform/pay";
import { demoPay, orderFor, type Bill, type Order } from "@/stores/bills";
import { session } from "@/stores/session";
import { reasonOf } from "@/stores/toast";

export interface Paying {
  busy: boolean;
  failure: string;
  cashier: Order | undefined;
  pay: () => Promise<void>;
  atCashier: (outcome: "pay" | "cancel") => Promise<void>;
}

export function usePaying(what: () => Bill | undefined): Paying {
  const paying: Paying = reactive({ busy: false, failure: "", cashier: undefined as Order | undefined, pay, atCashier });

  async function pay(): Promise<void> {
    const bill = what();
    if (!bill || paying.busy) return;
    paying.busy = true;
    paying.failure = "";
    try {
      const opened = await orderFor(bill, ownChannel() || session.platform);
      if (opened.state === "confirming" || opened.state === "paid") return open("sub/bill/result", { order: opened.id, bill: bill.id });
      if (!ownChannel()) {
        paying.cashier = opened;
        return;
      }
      const came = await openCashier(opened.client ?? {});
      open("sub/bill/result", { order: opened.id, bill: bill.id, came });
    } catch (problem) {
      paying.failure = reasonOf(problem);
    } finally {
      paying.busy = false;
    }
  }

  async function atCashier(outcome: "pay" | "cancel"): Promise<void> {
    const opened = paying.cashier;
    if (!opened || paying.busy) return;
    paying.busy = true;
    try {
      await demoPay(opened.id, outcome);
    } catch (problem) {
      paying.failure = reasonOf(problem);
      if (outcome === "pay") return;
    } finally {
      paying.busy = false;
      paying.cashier = undefined;
    }
    open("sub/bill/result", { order: opened.id, bill: what()?.id ?? "", came: outcome === "pay" ? "came_back" : "cancelled" });
  }
  return paying;
}
