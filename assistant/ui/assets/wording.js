/* The words Streamlit itself shows, in Chinese: it offers no way to translate them.
   Only whole texts of its own controls are replaced; what pages and sources say is left alone. */
"use strict";
(() => {
  const WORDS = {
    "Skip to main content": "跳到正文", "Sidebar": "侧栏", "Logo": "整改参谋", "Collapse sidebar": "收起侧栏",
    "Expand sidebar": "展开侧栏", "App pages": "页面", "Main menu": "菜单", "Send message": "发送",
    "Navigate to home page": "回到首页", "System": "跟随系统", "Light": "浅色", "Dark": "深色", "Theme": "外观",
    "About": "关于", "Made with Streamlit v": "界面框架版本 ", "Copy version to clipboard": "复制版本号", "Print": "打印",
    "Close": "关闭", "Dismiss": "关闭", "Open": "展开", "Clear": "清空", "Clear all": "全部清空", "Clear value": "清空",
    "No results": "没有匹配的选项", "No options to select": "没有可选项", "Select all": "全部选择",
    "Choose options": "请选择", "Choose an option": "请选择", "Selected values": "已选", "Delete": "删除",
    "Stop": "停止", "Stop script": "停止", "Running...": "正在运行", "Loading...": "正在载入", "Rerun": "重新运行",
    "Feedback rating": "评价", "Thumbs up": "有用", "Thumbs down": "没用",
    "file upload": "选择文件", "Upload": "选择文件", "Browse files": "选择文件", "Upload files": "选择文件", "Add files": "再加文件", "add icon": "加",
    "Drag and drop file here": "把文件拖到这里", "Drag and drop files here": "把文件拖到这里", "Error:": "不能上传：",
    "Show/hide columns": "显示或隐藏列", "Download as CSV": "下载 CSV", "Search": "查找", "Fullscreen": "全屏",
    "Close fullscreen": "退出全屏", "Exit fullscreen": "退出全屏", "Add row": "加一行", "Delete row(s)": "删除所选行",
    "Sort ascending": "升序", "Sort descending": "降序", "Autosize": "自动列宽", "Pin column": "固定列",
    "Unpin column": "取消固定", "Hide column": "隐藏列", "Format": "格式", "Type to search": "输入要找的字",
    "Type to search...": "输入要找的字", "Automatic": "自动", "empty": "空",
    "Decrement": "减", "Increment": "加", "Show password text": "显示密钥", "Hide password text": "隐藏密钥",
    "Copy to clipboard": "复制", "Copied": "已复制", "Previous page": "上一页", "Next page": "下一页", "Pagination": "翻页",
    "Connecting": "正在连接", "Connection error": "连不上服务",
    "Streamlit server is not responding. Are you connected to the internet?":
      "整改参谋没有应答。请检查网络，或请管理员查看服务是否在运行；恢复后会自动重连，已保存的内容不受影响。",
    "Page not found": "没有这个页面", "Select a date.": "选择日期", "Select a date range.": "选择起止日期",
    "Previous month.": "上个月", "Next month.": "下个月", "Previous month": "上个月", "Next month": "下个月",
    "January": "一月", "February": "二月", "March": "三月", "April": "四月", "May": "五月", "June": "六月", "July": "七月",
    "August": "八月", "September": "九月", "October": "十月", "November": "十一月", "December": "十二月",
    "Su": "日", "Mo": "一", "Tu": "二", "We": "三", "Th": "四", "Fr": "五", "Sa": "六",
  };
  const PATTERNS = [
    [/^(\d+) options? available\.$/, "有 $1 个可选项"],
    [/^Remove (.+)$/, "移除 $1"],
    [/^Help for (.+)$/, "$1的说明"],
    [/^Help$/, "说明"],
    [/^.+ files are not allowed\.$/, "不支持这种文件，请看下面列出的格式。"],
    [/^File must be (.+) or smaller\.$/, "文件不能超过 $1。"],
    [/^The page that you have requested does not seem to exist.*$/s, "没有找到所要的页面，已打开首页。"],
    [/^You can only select up to (\d+) options?\..*$/, "最多选 $1 项，先去掉一项再加"],
    [/^(\d+) of (\d+)$/, "第 $1 个，共 $2 个"],
    [/^Page (\d+)$/, "第 $1 页"],
    [/^Go to page (\d+)$/, "到第 $1 页"],
  ];
  const ATTRIBUTES = ["aria-label", "title", "placeholder", "alt", "aria-roledescription"];
  // texts of pages and sources; their controls are labelled in Chinese by the pages themselves
  const OURS = ".stHtml,[data-testid=stMarkdownContainer],[data-testid=stCode],textarea,input";

  function chinese(text) {
    const trimmed = text.trim();
    if (!/[A-Za-z]/.test(trimmed) || trimmed.length > 200) return null;
    if (Object.hasOwn(WORDS, trimmed)) return text.replace(trimmed, WORDS[trimmed]);
    for (const [pattern, words] of PATTERNS) if (pattern.test(trimmed)) return trimmed.replace(pattern, words);
    return null;
  }
  const THEIRS = "[data-testid=stFileUploaderDropzone]";

  function texts(node) {
    const parent = node.parentElement;
    if (!parent || parent.closest("script,style")) return;
    if (parent.closest(OURS) && !parent.closest(THEIRS)) return;
    const found = chinese(node.nodeValue);
    if (found !== null) node.nodeValue = found;
  }
  function attributes(element) {
    if (element.closest(".stHtml")) return;
    for (const name of ATTRIBUTES) {
      const held = element.getAttribute(name);
      const found = held && chinese(held);
      if (found) element.setAttribute(name, found);
    }
  }
  function whole(root) {
    if (root.nodeType === Node.TEXT_NODE) return texts(root);
    if (root.nodeType !== Node.ELEMENT_NODE || root.closest(".stHtml")) return;
    attributes(root);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, {
      acceptNode: (node) =>
        node.nodeType === Node.ELEMENT_NODE && node.matches(".stHtml,script,style,svg,canvas")
          ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    });
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.nodeType === Node.TEXT_NODE) texts(node);
      else attributes(node);
    }
  }
  new MutationObserver((records) => {
    for (const record of records) {
      if (record.type === "childList") record.addedNodes.forEach(whole);
      else if (record.type === "characterData") texts(record.target);
      else attributes(record.target);
    }
  }).observe(document.documentElement, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES,
  });
})();
