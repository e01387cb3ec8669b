typedef int wf_base_room;  // until the room has its first source file
