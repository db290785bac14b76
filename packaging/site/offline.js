// Search in a folder: a browser gives a page from the disk no worker, so the worker's program runs in an empty frame instead.
// Messages arrive as they do from a worker: later, and as copies, for each side goes on changing its own.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(program) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.append(this.frame);
      this.room = this.frame.contentWindow;
      this.room.document.open();
      this.room.document.write("<!doctype html><body></body>");
      this.room.document.close();
      this.room.postMessage = (data) => this.bring(data, Promise.resolve(), (event) => this.tell(event));
      const script = this.room.document.createElement("script");
      this.ready = new Promise((heard) => script.addEventListener("load", heard));
      script.src = program;
      this.room.document.body.append(script);
    }
    bring(data, ready, there) {
      const copy = structuredClone(data);
      ready.then(() => setTimeout(() => there(new MessageEvent("message", { data: copy }))));
    }
    tell(event) {
      this.onmessage?.(event);
      this.dispatchEvent(event);
    }
    postMessage(data) {
      this.bring(data, this.ready, (event) => this.room.dispatchEvent(event));
    }
    terminate() {
      this.frame.remove();
    }
  };
}
